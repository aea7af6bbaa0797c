"""One decision per stay and partner, again when something changed or is due, and the holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from connector.domain.awards import Award, award_id
from connector.domain.contract import Hold
from connector.domain.decision import Frozen
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome, summary
from connector.store import ledger
from tests.conftest import ENGINES
from tests.integration.earning.books import Books
from tests.integration.earning.chain import (
    AM,
    CHAIN_ID,
    CHECK_OUT,
    COLLECTOR,
    MM,
    NOW,
)
from tests.integration.earning.front_desk import FrontDesk, wire


async def balance(desk: FrontDesk, *partnerships: Partnership) -> dict[str, dict[str, int]]:
    """Return what ``sync --json`` tells of the stays."""
    return (await summary(desk.chain(), [each.name for each in partnerships], [])).stays


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestEveryStayHasItsDecision:
    async def test_seen_is_the_sum_of_what_became_of_them_at_every_step(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        desk.member("g1")
        desk.guest("g2")
        desk.member("g3", number="123")
        for number, guest in enumerate(("g1", "g2", "g3", "g1"), start=1):
            desk.stay(f"r{number}", guest, State="Started" if number == 4 else "Processed")
            desk.charge(f"i{number}", 100, f"r{number}")
        open_bill = replace(mm, contract=replace(mm.contract, hold=Hold("settled")))
        for _ in range(2):
            await desk.read(open_bill, am)
            assert (await balance(desk, mm, am)) == {
                MM: {"seen": 3, "awarded": 0, "excluded": 0, "suspended": 0, "waiting": 3},
                AM: {"seen": 3, "awarded": 0, "excluded": 3, "suspended": 0, "waiting": 0},
            }
        desk.edit("Reservations", "r4", State="Processed")
        desk.later(days=4)
        await desk.read(open_bill, am)
        assert (await balance(desk, mm, am))[MM] == {
            "seen": 4,
            "awarded": 1,
            "excluded": 2,
            "suspended": 1,
            "waiting": 0,
        }
        assert await books.decisions(MM) == {
            "r1": ("awarded", "awarded"),
            "r2": ("excluded", "no_membership"),
            "r3": ("suspended", "bad_number"),
            "r4": ("excluded", "more_rooms"),
        }

    async def test_a_stay_in_the_house_is_in_nobodys_view(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        desk.stay(State="Started")
        desk.charge("i1", 100)
        await desk.read(mm)
        assert await books.decisions(MM) == {}

    async def test_a_stay_earns_what_its_folio_says(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.charge("i2", 50.5)
        assert (await desk.read(mm)).outcome is JobOutcome.OK
        assert await books.messages() == [("credit", 1, 165, "ready")]

    async def test_a_new_partner_sees_the_stays_of_old(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        desk.stay(hotel="montreal")
        desk.charge("i1", 100, hotel="montreal")
        await desk.read(mm)
        assert await books.decisions(AM) == {}
        await desk.read(mm, am)
        assert await books.decisions(AM) == {"r1": ("awarded", "awarded")}
        assert await books.messages() == [("credit", 1, 5, "ready")]

    async def test_a_stay_is_decided_again_only_when_it_changed_or_is_due(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member("g1")
        desk.member("g2", number="123")
        for number in (1, 2):
            desk.stay(f"r{number}", f"g{number}")
            desk.charge(f"i{number}", 100, f"r{number}")
        assert (await desk.read(mm)).written == 2
        assert (await desk.read(mm)).written == 0
        desk.edit("Reservations", "r1", ScheduledEndUtc=wire(CHECK_OUT + timedelta(minutes=5)))
        assert (await desk.read(mm)).written == 1
        desk.later(days=1)
        assert (await desk.read(mm)).written == 1, "a suspended stay is looked at again after a day"

    async def test_a_canceled_stay_after_check_out_is_excluded(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("excluded", "not_processed")}
        assert await books.states() == ["superseded"]


class TestHolds:
    async def test_a_settled_hold_waits_for_the_bill_and_the_editable_interval(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        held = replace(mm, contract=replace(mm.contract, hold=Hold("settled")))
        desk.member()
        desk.stay()
        desk.charge("i1", 100, AccountingState="Open", ClosedUtc=None)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("waiting", "open_bill")}
        desk.edit("OrderItems", "i1", AccountingState="Closed", ClosedUtc=wire(desk.clock.moment))
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("waiting", "editable")}
        desk.later(days=2)
        await desk.read(held)
        assert await books.messages() == [("credit", 1, 110, "ready")]

    async def test_a_number_typed_while_the_award_is_held_earns(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        held = replace(mm, contract=replace(mm.contract, hold=Hold("after", timedelta(days=1))))
        desk.guest("g1")
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(held)
        desk.membership("m1", "g1")
        desk.later(days=1)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestIdentity:
    async def test_an_award_is_the_same_whoever_decides_and_when(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        assert await books.rows("SELECT id, root_id, seat FROM award") == [
            (award_id(CHAIN_ID, "r1", MM, "owner"), "r1", "owner")
        ]

    async def test_a_stay_is_claimed_once_per_partner_and_seat(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        other = Award("other", MM, "r-root", "owner", "MM", "m", "992003669288601", "e-wien", NOW.date(), "miles", 1, 1)
        with pytest.raises(IntegrityError):
            async with desk.database.write() as connection:
                await ledger.open_awards(connection, [ledger.Opening(other, Frozen("f", {}), ["r1"])], NOW)
        assert await books.rows("SELECT count(*) FROM award") == [(1,)]
