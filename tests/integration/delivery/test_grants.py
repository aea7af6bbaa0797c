"""Miles without a stay: once for each reference, and delivered like every other message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.stays import Property
from connector.errors import Misconfigured, Refused
from connector.jobs import erasing
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.grants import Granted, Wish, grant
from connector.store import account, facts, stays
from connector.store.integrity import examine
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.delivery.sending import deliver, dies, miles_given
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    CHAIN_ID,
    COLLECTOR,
    CURRENCIES,
    MEMBER,
    MM,
    NOW,
    PAYMENT_CARD,
    HandClock,
    chain_for,
    runner_for,
)

TODAY = NOW.date()


@pytest.fixture
async def chain(chain: Chain) -> AsyncIterator[Chain]:
    """A chain whose hotels were read."""
    async with chain.database.write() as connection:
        await facts.hold_chain(connection, CHAIN_ID)
        for hotel, currency in CURRENCIES.items():
            place = Property(f"e-{hotel}", hotel.title(), hotel, "Europe/Vienna", currency)
            await stays.save_property(connection, place, CHAIN_ID, NOW, [f"s-{hotel}"], NOW)
    return chain


async def granted(
    chain: Chain, partnership: Partnership, number: str = COLLECTOR, why: str = "cold soup", **fields: Any
) -> Granted:
    wish = Wish(number, **({"miles": 50, "property": "montreal"} | fields))
    runner = runner_for(chain, [partnership])
    return await grant(runner, partnership.name, wish, Signature("anna", chain.clock.now(), why))


class TestAGrant:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_is_sent_once_as_an_event_and_counts_in_the_report(
        self, chain: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        made = await granted(chain, am, "8008 510-2028", reference="goodwill-1")
        assert (made.reference, made.miles, made.member, made.day) == ("goodwill-1", 50, "********028", TODAY)
        for _ in range(2):
            await deliver(chain, am)
        assert at_airmiles.given() == [(COLLECTOR, 50)]
        (credit,) = at_airmiles.journal.credits()
        assert credit["detail"]["operation"] == "post/event"
        assert await books.states() == ["credited"]
        assert await miles_given(chain, AM) == {AM: 50}
        assert await examine(chain.database) == []

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize("sends", [False, True])
    async def test_a_sender_that_dies_is_followed_by_one_that_credits_once(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter, *, sends: bool
    ) -> None:
        await granted(chain, am)
        await dies(chain, am, sends=sends)
        clock.advance(minutes=6)
        await deliver(chain_for(chain.database, clock), am)
        assert (await books.states(), at_airmiles.given()) == (["credited"], [(COLLECTOR, 50)])

    @pytest.mark.parametrize("fault", ["lose", "drop", "500", "garbage"])
    async def test_a_lost_answer_is_resolved_with_the_same_bytes(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter, fault: str
    ) -> None:
        await granted(chain, am)
        at_airmiles.fault(f"{fault},times=1", "post/event")
        for _ in range(3):
            await deliver(chain, am)
            clock.advance(hours=1)
        assert (await books.states(), at_airmiles.given()) == (["credited"], [(COLLECTOR, 50)])

    async def test_is_signed_and_found_by_its_reference(self, chain: Chain, am: Partnership) -> None:
        await granted(chain, am, reference="goodwill-1")
        async with chain.database.read() as connection:
            (found,) = await account.accounts(connection, "goodwill-1")
        assert [(step.actor, step.after, step.detail) for step in found.history] == [
            ("anna", "ready", "grant: cold soup")
        ]

    async def test_waits_behind_the_daily_ceiling_like_every_credit(
        self, chain: Chain, books: Books, am: Partnership
    ) -> None:
        limited = replace(am, daily_ceiling=60)
        await granted(chain, limited, reference="one")
        await granted(chain, limited, reference="two")
        await deliver(chain, limited)
        assert await books.states() == ["credited", "ready"]

    async def test_in_shadow_mode_nothing_is_sent(
        self, chain: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        shadow = replace(am, mode="shadow")
        await granted(chain, shadow)
        await deliver(chain, shadow)
        assert (await books.states(), at_airmiles.given()) == (["shadow"], [])


class TestItsReference:
    async def test_never_grants_twice(self, chain: Chain, books: Books, am: Partnership) -> None:
        await granted(chain, am, reference="goodwill-1")
        with pytest.raises(Refused) as caught:
            await granted(chain, am, reference="goodwill-1", miles=70)
        assert str(caught.value) == (
            f"grant: goodwill-1 granted 50 miles to ********028 at {AM} on {TODAY} already; "
            "expected another --reference for a further grant"
        )
        assert len(await books.messages()) == 1

    async def test_never_grants_again_to_whom_nobody_knows_any_more(self, chain: Chain, am: Partnership) -> None:
        await granted(chain, am, reference="goodwill-1")
        await deliver(chain, am)
        await erasing.erase(runner_for(chain, [am]), COLLECTOR)
        with pytest.raises(Refused, match="goodwill-1 granted miles to somebody whose data was erased since"):
            await granted(chain, am, reference="goodwill-1")

    async def test_is_made_of_the_rest_where_it_is_absent(self, chain: Chain, books: Books, am: Partnership) -> None:
        first = await granted(chain, am)
        with pytest.raises(Refused, match=first.reference):
            await granted(chain, am)
        others = [
            await granted(chain, am, miles=51),
            await granted(chain, am, why="noise"),
            await granted(chain, am, "80000000110"),
            await granted(chain, am, day=TODAY - timedelta(days=1)),
        ]
        assert len({each.award_id for each in (first, *others)}) == len(await books.messages()) == 5
        assert COLLECTOR not in first.reference

    @pytest.mark.parametrize("reference", [COLLECTOR, f"x-{COLLECTOR}", PAYMENT_CARD, "a b", "a@b", "x" * 65, "-x"])
    async def test_holds_no_number_and_nothing_odd(
        self, chain: Chain, books: Books, am: Partnership, reference: str
    ) -> None:
        with pytest.raises(Misconfigured, match="the reference is not taken") as caught:
            await granted(chain, am, reference=reference)
        assert reference not in str(caught.value)
        assert await books.messages() == []


class TestNoGrant:
    async def test_that_a_guard_refuses(self, chain: Chain, books: Books, am: Partnership) -> None:
        with pytest.raises(Refused, match="101 miles are more than air_miles gets in a day"):
            await granted(chain, replace(am, daily_ceiling=100), miles=101)
        assert await books.messages() == []

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"miles": 0}, "expected a whole number from 1 to 999999"),
            ({"miles": 1_000_000}, "expected a whole number from 1 to 999999"),
            ({"property": ""}, "air_miles wants a location code"),
            ({"property": "wien"}, "air_miles wants a location code"),
            ({"property": "rom"}, "0 properties are called 'rom'; expected one of: montreal, wien"),
            ({"day": TODAY + timedelta(days=1)}, "is not a date of the last 395 days"),
            ({"day": TODAY - timedelta(days=396)}, "is not a date of the last 395 days"),
            ({"number": "81"}, "the member number is not taken"),
            ({"number": PAYMENT_CARD}, "the member number is not taken"),
        ],
    )
    async def test_that_is_none(
        self, chain: Chain, books: Books, am: Partnership, fields: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(Misconfigured, match=words):
            await granted(chain, am, **fields)
        assert await books.messages() == []

    async def test_at_a_channel_that_knows_purchases_only(self, chain: Chain, books: Books, mm: Partnership) -> None:
        with pytest.raises(Refused, match=f"the channel of {MM} has no request for miles without a stay"):
            await granted(chain, mm, MEMBER)
        assert await books.messages() == []

    async def test_at_a_partner_that_nobody_knows(self, chain: Chain, am: Partnership) -> None:
        with pytest.raises(Misconfigured, match=f"no partner is called 'x'; expected one of: {AM}"):
            await grant(runner_for(chain, [am]), "x", Wish(COLLECTOR, 5), Signature("anna", NOW, "why"))

    async def test_before_mews_was_read(self, database: Any, clock: HandClock, am: Partnership) -> None:
        with pytest.raises(Refused, match="expected a first `sync`"):
            await granted(chain_for(database, clock), am)


async def test_what_cannot_be_written_down_leaves_nothing_half(
    chain: Chain, books: Books, am: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("connector.jobs.grants.ledger.append", fails)
    with pytest.raises(OSError, match="full"):
        await granted(chain, am)
    monkeypatch.undo()
    assert await books.rows("SELECT * FROM award") == await books.rows("SELECT * FROM claim") == []
    assert (await granted(chain, am)).miles == 50
