"""Access tokens: a portfolio's, a wrong one, all wrong, and two of different chains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Misconfigured, Unauthorized, Unfinished
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.tokens import ACCESS_TOKENS, PORTFOLIO_TOKEN
from connector.store.engine import Database
from tests.integration.alignment.hotel import (
    ADD,
    CHAIN,
    DELETE,
    SET_UP,
    UPDATE,
    Hotel,
    enterprise,
    guest,
    member,
    opened,
)

NAMES = ("anna", "bea", "carl")


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


async def test_a_property_of_a_portfolio_that_lacks_a_fact_does_not_stop_the_alignment(
    tmp_path: Path, database: Database
) -> None:
    """Where it is the oldest, guests who are older than the others are read when its facts are whole."""
    kind, montreal = enterprise("montreal", days=300)
    lacking, old = {**montreal, "TimeZoneIdentifier": ""}, guest("bea", UpdatedUtc="2020-01-01T00:00:00Z")
    changed = {"_UpdatedUtc": (datetime.now(UTC) - timedelta(days=200)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    tokens, portfolios = {"group": PORTFOLIO_TOKEN}, frozenset({"group"})
    records = [(kind, lacking), guest("anna"), (old[0], {**old[1], **changed})]
    async with opened(tmp_path, database, *records, tokens=tokens, portfolios=portfolios) as hotel:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        assert set(hotel.held()) == {"anna"}
        hotel.edit("Enterprises", "e-montreal", TimeZoneIdentifier="America/Toronto")
        hotel.later()
        await hotel.align()
        assert set(hotel.held()) == {"anna", "bea"}


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
    assert hotel.chain.barred == {"wien"}


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
        words = r"\[mews\.properties\.wien\] sees chain chain-1, that of \[mews\.properties\.montreal\] chain another"
        with pytest.raises(Misconfigured, match=words):
            await hotel.align()
        assert hotel.calls.writes() == {}
        for kept in ("fact", "property", "service", "cursor"):
            assert await hotel.rows(f"SELECT count(*) FROM {kept}") == [(0,)]


class TestDiscovered:
    async def test_each_token_is_asked_once_an_hour_what_it_sees_whatever_the_process(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        for seconds, asked in ((0, 2), (1800, 0), (1740, 0), (120, 2)):
            hotel.later(seconds)
            await hotel.start()
            await hotel.align()
            assert [name for name, _ in hotel.calls.made].count("enterprises/getAll") == asked

    async def test_a_token_that_was_exchanged_is_asked_at_once(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        await hotel.align()
        hotel.tokens = {"wien": ACCESS_TOKENS["montreal"], "montreal": ACCESS_TOKENS["wien"]}
        await hotel.start()
        hotel.later()
        await hotel.align()
        assert await hotel.rows("SELECT id, table_name FROM property ORDER BY id") == [
            ("e-montreal", "wien"),
            ("e-wien", "montreal"),
        ]

    @pytest.mark.parametrize(
        ("tokens", "portfolios", "words"),
        [
            (
                {"group": PORTFOLIO_TOKEN},
                frozenset(),
                r"^mews\.properties\.group: its access token sees 2 properties; expected portfolio = true",
            ),
            (
                {"wien": ACCESS_TOKENS["wien"], "again": ACCESS_TOKENS["wien"]},
                frozenset(),
                r"\[mews\.properties\.wien\] and \[mews\.properties\.again\] both reach property e-wien; expected one",
            ),
            (
                {"one": PORTFOLIO_TOKEN, "two": PORTFOLIO_TOKEN},
                frozenset({"one", "two"}),
                r"\[mews\.properties\.one\] and \[mews\.properties\.two\] both reach property e-montreal",
            ),
        ],
        ids=["an undeclared portfolio", "a token twice", "a portfolio twice"],
    )
    async def test_tokens_that_cannot_be_meant_are_refused_in_one_sentence(
        self, tmp_path: Path, database: Database, tokens: dict[str, str], portfolios: frozenset[str], words: str
    ) -> None:
        async with opened(tmp_path, database, guest("anna"), tokens=tokens, portfolios=portfolios) as hotel:
            hotel.members(member("anna"))
            with pytest.raises(Misconfigured, match=words) as caught:
                await hotel.align()
            assert (len(caught.value.faults), hotel.calls.writes()) == (1, {})

    async def test_a_portfolio_over_two_chains_is_refused(self, tmp_path: Path, database: Database) -> None:
        tokens, portfolios = {"group": PORTFOLIO_TOKEN}, frozenset({"group"})
        other = enterprise("montreal", chain="another")
        async with opened(tmp_path, database, other, tokens=tokens, portfolios=portfolios) as hotel:
            hotel.members(member("anna"))
            with pytest.raises(Misconfigured, match=r"group: its access token sees properties of 2 chains \(another, "):
                await hotel.align()

    async def test_a_declared_portfolio_of_one_property_is_well(self, tmp_path: Path, database: Database) -> None:
        tokens, portfolios = {"wien": ACCESS_TOKENS["wien"]}, frozenset({"wien"})
        async with opened(tmp_path, database, guest("anna"), tokens=tokens, portfolios=portfolios) as hotel:
            hotel.members(member("anna"))
            await hotel.align()
            assert set(hotel.held()) == {"anna"}

    async def test_a_token_that_sees_no_property_is_said_and_the_other_goes_on(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.calls.blind.add("wien")
        await hotel.align()
        assert (hotel.chain.dead, hotel.chain.barred, set(hotel.held())) == ({"wien"}, set(), {"anna"})


class TestRevoked:
    async def test_in_the_middle_of_a_pass_nothing_is_lost_or_doubled(self, hotel: Hotel) -> None:
        hotel.chain.batch.items = 1
        hotel.members(*(member(name) for name in NAMES))
        hotel.fault(ADD, "status", status=401, after=1)
        done = await hotel.align()
        assert {name: len(held) for name, held in hotel.held().items()} == dict.fromkeys(NAMES, 1)
        assert (done.refused, done.postponed, done.lost) == (0, 0, False)
        assert hotel.calls.by("wien", ADD) == [ADD] * 2
        assert hotel.calls.by("montreal", ADD) == [ADD] * 2
        assert (hotel.chain.barred, await hotel.rows("SELECT * FROM intent")) == ({"wien"}, [])
        hotel.later()
        await hotel.align()
        assert hotel.calls.writes() == {}

    @pytest.mark.parametrize("operation", [UPDATE, DELETE])
    async def test_a_change_is_made_by_the_other(self, hotel: Hotel, operation: str) -> None:
        hotel.settings(gone="delete")
        hotel.members(*(member(name) for name in NAMES))
        await hotel.align()
        hotel.later()
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        hotel.calls.unknown.add(("wien", operation))
        await hotel.align()
        assert hotel.calls.by("montreal", operation) == [operation]
        assert (set(hotel.held()), hotel.one("anna")["Tier"]) == ({"anna", "bea"}, "GOLD")

    async def test_in_the_middle_of_a_listing_the_other_goes_on_from_the_last_page(self, hotel: Hotel) -> None:
        hotel.load(*(guest(f"more{number}") for number in range(1500)))
        hotel.fault("customers/getAll", "status", status=401, after=1)
        hotel.members(member("anna"))
        await hotel.align()
        assert await hotel.rows("SELECT count(*) FROM guest") == [(1503,)]
        first, refused, second = hotel.calls.bodies("customers/getAll")[:3]
        assert (first["UpdatedUtc"], refused["Limitation"]) == (refused["UpdatedUtc"], second["Limitation"])
        assert "Cursor" in refused["Limitation"]
        assert hotel.calls.by("wien", "customers") == ["customers/getAll"] * 2

    async def test_with_the_last_one_the_pass_ends_and_the_next_does_the_rest(self, hotel: Hotel) -> None:
        hotel.chain.batch.items = 1
        hotel.members(*(member(name) for name in NAMES))
        hotel.fault(ADD, "status", status=401, after=1, times=2)
        with pytest.raises(Unauthorized, match=rf"Mews {ADD} for \[mews\.properties\.montreal\]"):
            await hotel.align()
        assert len(hotel.held()) == 1
        hotel.later()
        await hotel.align()
        assert {name: len(held) for name, held in hotel.held().items()} == dict.fromkeys(NAMES, 1)


class TestLoyaltyNotPermitted:
    async def test_for_one_token_its_property_lives_on_and_the_other_does_the_work(self, hotel: Hotel) -> None:
        hotel.calls.unknown.add(("wien", "loyalty"))
        hotel.members(member("anna"))
        await hotel.align()
        assert set(hotel.held()) == {"anna"}
        assert (hotel.chain.barred, hotel.chain.dead) == ({"wien"}, set())
        assert hotel.calls.by("wien") == ["loyaltyPrograms/getAll"]

    async def test_once_it_is_permitted_it_is_used_again_within_the_hour(self, hotel: Hotel) -> None:
        hotel.calls.unknown.add(("wien", "loyalty"))
        hotel.members(member("anna"))
        await hotel.align()
        hotel.calls.unknown.clear()
        hotel.later(3540)
        await hotel.align()
        assert (hotel.chain.barred, hotel.calls.by("wien")) == ({"wien"}, [])
        hotel.later(120)
        await hotel.align()
        assert hotel.chain.barred == set()
        assert "loyaltyPrograms/getAll" in hotel.calls.by("wien")


async def test_when_the_window_of_one_token_is_full_the_batches_go_through_the_other(
    tmp_path: Path, database: Database
) -> None:
    names = [f"guest{number}" for number in range(12)]
    async with opened(tmp_path, database, *SET_UP, *map(guest, names), limit=Limit(30, 3600)) as hotel:
        hotel.chain.batch.items = 1
        hotel.members(*map(member, names))
        done = await hotel.align()
        assert (done.written, set(hotel.held())) == (24, set(names))  # each added, then given its provider id
        assert len(hotel.calls.made) > 30
        assert max(len(hotel.calls.by(table)) for table in ACCESS_TOKENS) <= 30
        assert hotel.clock.slept == []
