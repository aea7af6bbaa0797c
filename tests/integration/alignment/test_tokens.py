"""Access tokens: a portfolio's, a wrong one, all wrong, and two of different chains."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import Misconfigured, Unauthorized, Unfinished
from connector.sandbox.mews.tokens import ACCESS_TOKENS, PORTFOLIO_TOKEN
from connector.store.engine import Database
from tests.integration.alignment.hotel import CHAIN, Hotel, enterprise, guest, member, opened


async def test_a_portfolio_token_names_the_chain_on_writes(tmp_path: Path, database: Database) -> None:
    tokens, portfolios = {"group": PORTFOLIO_TOKEN}, frozenset({"group"})
    async with opened(tmp_path, database, guest("anna"), tokens=tokens, portfolios=portfolios) as hotel:
        hotel.settings(gone="delete")
        hotel.members(member("anna"))
        await hotel.align()
        writes = hotel.calls.writes()
        assert {body.get("ChainId") for name in writes for body in hotel.calls.bodies(name)} == {CHAIN}
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"
        await hotel.start()
        hotel.later()
        hotel.members(member("bea"))
        await hotel.align()
        assert [body["ChainId"] for body in hotel.calls.bodies("loyaltyMemberships/delete")] == [CHAIN]


@pytest.mark.parametrize("read_before", [False, True], ids=["never read", "read within the hour"])
async def test_a_wrong_token_leaves_the_work_to_the_other_property(hotel: Hotel, *, read_before: bool) -> None:
    hotel.members(member("anna"))
    if read_before:
        await hotel.align()
        hotel.members(member("anna"), member("bea"))
        hotel.later()
    hotel.tokens["wien"] = "wrong"
    await hotel.start()
    await hotel.align()
    assert set(hotel.held()) == ({"anna", "bea"} if read_before else {"anna"})
    assert hotel.chain.dead == {"wien"}


async def test_only_wrong_tokens_do_nothing(hotel: Hotel) -> None:
    hotel.members(member("anna"))
    hotel.tokens = dict.fromkeys(ACCESS_TOKENS, "wrong")
    await hotel.start()
    with pytest.raises((Unfinished, Unauthorized), match=r"check client_token and the access_token of \[mews"):
        await hotel.align()
    assert hotel.calls.writes() == {}


async def test_tokens_of_two_chains_are_refused(tmp_path: Path, database: Database) -> None:
    async with opened(tmp_path, database, enterprise("montreal", chain="another")) as hotel:
        hotel.members(member("anna"))
        with pytest.raises(Misconfigured, match="belongs to chain chain-1, the access tokens see chain another"):
            await hotel.align()
        assert hotel.calls.writes() == {}
