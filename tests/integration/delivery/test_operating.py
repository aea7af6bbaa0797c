"""What people do to messages by hand, and what the partner holds afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.operating import Deed
from connector.errors import Misconfigured, Refused
from connector.jobs.chain import Chain
from connector.jobs.choosing import Choice, Operation, Order
from connector.jobs.contracts import Partnership
from connector.jobs.operating import operate
from connector.partners.airmiles import Terms
from connector.partners.uplyft import Form
from connector.store import facts
from connector.store.integrity import examine
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import collectors, deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    CHAIN_ID,
    COLLECTOR,
    MEMBER,
    MM,
    HandClock,
    air_miles,
    miles_and_more,
    runner_for,
)

WHY = "told by phone"
UNMAPPED = Terms("STANDARD", {"montreal": "0037"}, {})


async def by_hand(
    chain: Chain,
    partnership: Partnership,
    deed: Deed,
    *words: str,
    reference: str = "",
    confirm: str = "",
    **choice: Any,
) -> Operation:
    async with chain.database.write() as connection:
        await facts.write(connection, "chain_id", CHAIN_ID)
    signature = Signature("anna", chain.clock.now(), WHY)
    order = Order(deed, Choice(words, **choice), signature, reference, confirm)
    return await operate(runner_for(chain, [partnership]), order)


async def confirmed(chain: Chain, partnership: Partnership, deed: Deed, **choice: Any) -> Operation:
    shown = await by_hand(chain, partnership, deed, **choice)
    assert not shown.done
    return await by_hand(chain, partnership, deed, confirm=shown.plan_id, **choice)


async def in_doubt_at(chain: Chain, clock: HandClock, mm: Partnership, at_uplyft: Counter) -> None:
    """Leave a credit suspended that Uplyft gave without saying so."""
    await check_out(chain, mm, MEMBER)
    at_uplyft.fault("lose,times=1")
    await deliver(chain, mm)
    clock.advance(minutes=2)
    await deliver(chain, mm)


async def last_step(books: Books) -> tuple[Any, ...]:
    (*_, last) = await books.rows("SELECT actor, before, after, detail FROM history ORDER BY award_id, seq")
    return last


@pytest.fixture
async def refused(chain: Chain, am: Partnership, at_airmiles: Counter) -> Chain:
    """A credit that AIR MILES refused."""
    await check_out(chain, am, COLLECTOR)
    at_airmiles.fault("400,times=1")
    await deliver(chain, am)
    return chain


@pytest.fixture
async def unwritten(chain: Chain, at_airmiles: Counter) -> Chain:
    """Two credits that could not be written, because a tax is not mapped."""
    unmapped = air_miles(at_airmiles.airmiles(terms=UNMAPPED))
    await check_out(chain, unmapped, *collectors(2))
    await deliver(chain, unmapped)
    return chain


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestRetry:
    async def test_what_was_never_sent_is_sent_when_the_settings_are_right(
        self, unwritten: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        assert await books.states() == ["suspended"] * 2
        done = await confirmed(unwritten, am, Deed.RETRY, partner=am.name)
        assert (done.done, len(done.chosen)) == (True, 2)
        assert await books.states() == ["ready"] * 2
        assert await books.cases() == []
        await deliver(unwritten, am)
        assert sorted(at_airmiles.given()) == [(number, 10) for number in collectors(2)]

    async def test_a_refused_credit_is_said_again_under_a_new_key(
        self, refused: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        done = await by_hand(refused, am, Deed.RETRY, "n001")
        assert done.chosen[0].anew
        assert await books.messages() == [("credit", 1, 10, "refused"), ("credit", 2, 10, "ready")]
        assert (await last_step(books))[:3] == ("anna", "", "ready")
        await deliver(refused, am)
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        assert len({key for (key,) in await books.rows("SELECT key FROM message")}) == 2
        with pytest.raises(Refused, match="credit 2 of n001 at air_miles: it is credited"):
            await by_hand(refused, am, Deed.RETRY, "n001")
        assert await examine(refused.database) == []

    async def test_a_refused_one_whose_stay_earns_nothing_by_now_stays(
        self, refused: Chain, books: Books, am: Partnership
    ) -> None:
        async with refused.database.write() as connection:
            await connection.exec_driver_sql("UPDATE decision SET status = 'excluded'")
        with pytest.raises(Refused, match="its stay earns nothing by now"):
            await by_hand(refused, am, Deed.RETRY, "n001")
        assert await books.states() == ["refused"]

    async def test_a_doubt_is_not_sent_again_without_the_partners_word(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = _keyless(at_uplyft)
        await in_doubt_at(chain, clock, mm, at_uplyft)
        with pytest.raises(Refused, match="it was sent and the partner may have it"):
            await by_hand(chain, mm, Deed.RETRY, "n001")
        assert await books.states() == ["suspended"]

    async def test_by_the_partners_word_the_same_bytes_go_again_under_the_same_key(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = _keyless(at_uplyft)
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=1")
        await deliver(chain, mm)
        assert await books.states() == ["suspended"]
        before = await books.rows("SELECT key, content FROM message")
        await by_hand(chain, mm, Deed.RESEND, "n001")
        await deliver(chain, mm)
        assert at_uplyft.given() == [(MEMBER, 220)]
        assert await books.states() == ["credited"]
        assert await books.rows("SELECT key, content FROM message") == before


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestRelease:
    async def test_a_doubt_is_settled_as_credited_by_the_partners_word(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = _keyless(at_uplyft)
        await in_doubt_at(chain, clock, mm, at_uplyft)
        await by_hand(chain, mm, Deed.CREDITED, "n001", reference="their-4711")
        assert await books.rows("SELECT state, reference FROM message") == [("credited", "their-4711")]
        told = "ledger release as credited, by the partner's word: told by phone"
        assert await last_step(books) == ("anna", "suspended", "credited", told)
        assert await books.cases() == []
        await deliver(chain, mm)
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_a_doubt_is_settled_as_not_credited_and_may_be_said_anew_later(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = _keyless(at_uplyft)
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=1")
        await deliver(chain, mm)
        await by_hand(chain, mm, Deed.NOT_CREDITED, "n001")
        assert await books.states() == ["refused"]
        await by_hand(chain, mm, Deed.RETRY, "n001")
        await deliver(chain, mm)
        assert await books.messages() == [("credit", 1, 220, "refused"), ("credit", 2, 220, "credited")]
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_several_are_shown_first_and_done_only_as_they_were_shown(
        self, unwritten: Chain, books: Books, am: Partnership
    ) -> None:
        shown = await by_hand(unwritten, am, Deed.RELEASE, about="CA-GST")
        assert (shown.done, len(shown.chosen)) == (False, 2)
        await by_hand(unwritten, am, Deed.VOID, shown.chosen[0].key)
        with pytest.raises(Refused, match=f"the plan is not {shown.plan_id}"):
            await by_hand(unwritten, am, Deed.RELEASE, about="CA-GST", confirm=shown.plan_id)
        assert await books.states() == ["suspended", "void"]

    async def test_what_a_case_does_not_say_is_not_chosen(self, unwritten: Chain, am: Partnership) -> None:
        shown = await by_hand(unwritten, am, Deed.RELEASE, about="100% of nothing")
        assert (shown.chosen, shown.plan_id) == ((), "")


class TestVoid:
    async def test_what_was_never_sent_is_withdrawn_for_good(
        self, chain: Chain, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, *members(2))
        await by_hand(chain, mm, Deed.VOID, "n001")
        await deliver(chain, mm)
        assert at_uplyft.given() == [(members(2)[1], 220)]
        assert await books.states() == ["credited", "void"]
        async with chain.database.write() as connection:
            await connection.exec_driver_sql("UPDATE reservation SET dirty = true")
        await check_out(chain, mm, *members(2))
        assert await books.states() == ["credited", "void"]

    async def test_what_was_sent_is_not(self, chain: Chain, books: Books, mm: Partnership) -> None:
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        with pytest.raises(Refused, match="credit 1 of n001 at miles_and_more: it is credited"):
            await by_hand(chain, mm, Deed.VOID, "n001")
        assert await books.states() == ["credited"]


class TestWhatIsNotMeant:
    async def test_an_unknown_word_is_one_sentence(self, chain: Chain, mm: Partnership) -> None:
        with pytest.raises(Misconfigured, match="no message belongs to '4711'"):
            await by_hand(chain, mm, Deed.RETRY, "4711")

    async def test_other_partners_messages_are_left_alone(self, unwritten: Chain, am: Partnership) -> None:
        assert (await by_hand(unwritten, am, Deed.RETRY, partner=MM)).chosen == ()


def _keyless(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False)))
