"""Reservations that are one stay are one award, whenever they become known, and never a second credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from connector.domain.contract import Hold
from connector.errors import Refused
from connector.jobs.claims import Claim, Claimed, claim
from connector.jobs.contracts import Partnership
from connector.jobs.forecasting import outlook
from connector.jobs.imports import Credited, import_credits
from connector.jobs.recomputing import Scope, recompute
from connector.jobs.report import summary
from connector.store.engine import Database
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    CHECK_OUT,
    COLLECTOR,
    MEMBER,
    MM,
    NOW,
    air_miles,
    miles_and_more,
    per_euro,
    per_twenty_dollars,
    runner_for,
)
from tests.integration.earning.front_desk import FrontDesk, wire


def dates(arrival: int, departure: int) -> dict[str, str]:
    """Return the times of a stay, in days before the last check-out."""
    begin, end = (wire(CHECK_OUT - timedelta(days=day)) for day in (arrival, departure))
    return {"ScheduledStartUtc": begin, "ScheduledEndUtc": end, "ActualEndUtc": end}


def part(
    desk: FrontDesk, id_: str, arrival: int, departure: int, guest: str = "g1", hotel: str = "wien", **more: Any
) -> None:
    """Enter a reservation of net 100 that lasts from so many days before the last check-out to so many."""
    desk.stay(id_, guest, hotel, **(dates(arrival, departure) | more))
    desk.charge(f"i-{id_}", 100, id_, hotel)


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    """Miles & More, whose channel cannot take miles back."""
    return miles_and_more(at_uplyft.uplyft(), contract={"stitch": True})


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES, whose channel can: five miles for a hundred dollars."""
    return air_miles(at_airmiles.airmiles(), contract={"stitch": True})


def terms(partnership: Partnership, **changes: Any) -> Partnership:
    return replace(partnership, contract=replace(partnership.contract, **changes))


async def pass_by(desk: FrontDesk, partnership: Partnership, times: int = 1) -> None:
    """Read and deliver, and see that every stay is accounted for."""
    for _ in range(times):
        await desk.read(partnership)
        await desk.deliver(partnership)
        stays = (await summary(desk.chain(), [partnership.name], [])).stays[partnership.name]
        assert stays["seen"] == sum(number for status, number in stays.items() if status != "seen")


async def awards(books: Books) -> list[tuple[str, int]]:
    return await books.rows("SELECT root_id, miles FROM award ORDER BY root_id")  # type: ignore[return-value]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestTwoReservationsOneAfterTheOther:
    async def test_are_one_award_of_the_first(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        part(desk, "r2", 2, 0)
        part(desk, "r1", 4, 2)
        await desk.read(mm)
        assert await awards(books) == [("r1", 220)]
        assert await books.messages() == [("credit", 1, 220, "ready")]
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded"), "r2": ("awarded", "awarded")}
        tied = await books.rows(
            "SELECT reservation_id, root_id FROM claim JOIN award ON award.id = award_id ORDER BY 1"
        )
        assert tied == [("r1", "r1"), ("r2", "r1")]

    async def test_wait_for_the_last_part_and_its_hold(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        held = terms(mm, hold=Hold("after", timedelta(days=1)))
        desk.member()
        part(desk, "r1", 4, 2)
        part(desk, "r2", 2, 0, State="Started", ActualEndUtc=None)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("waiting", "not_processed")}
        desk.edit("Reservations", "r2", State="Processed", ActualEndUtc=wire(CHECK_OUT))
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("waiting", "hold"), "r2": ("waiting", "hold")}
        desk.later(days=1)
        await desk.read(held)
        assert await awards(books) == [("r1", 220)]

    async def test_are_two_awards_without_stitching(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        part(desk, "r1", 4, 2)
        part(desk, "r2", 2, 0)
        await desk.read(terms(mm, stitch=False))
        assert await awards(books) == [("r1", 110), ("r2", 110)]

    async def test_meet_nights_bonus_and_cap_as_one(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        rules = (per_euro(basis="night", miles=Decimal(30), bonus=7, min_nights=4, cap_stay=125),)
        desk.member()
        part(desk, "r1", 4, 2)
        part(desk, "r2", 2, 0)
        await desk.read(terms(mm, rules=rules))
        assert await awards(books) == [("r1", 125)]

    async def test_one_of_which_no_rule_takes_give_what_the_other_does(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        part(desk, "r1", 4, 2, TravelAgencyId="agency")
        part(desk, "r2", 2, 0)
        desk.rebate("i3", 10, lowers="i-r1", stay="r2")
        direct = per_euro(basis="night", miles=Decimal(10), travel_agencies="none", min_nights=4)
        await desk.read(terms(mm, rules=(direct, per_euro(travel_agencies="none"))))
        assert await awards(books) == [("r1", 2 * 10 + 110)]


class TestAReservationThatJoins:
    async def test_behind_revises_the_award(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 4, 2, hotel="montreal")
        await pass_by(desk, am)
        part(desk, "r2", 2, 0, hotel="montreal")
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r1", 10)]
        assert at_airmiles.given() == [(COLLECTOR, 5), (COLLECTOR, -5), (COLLECTOR, 10)]

    async def test_in_front_revises_the_award_and_its_root_stays(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r2", 2, 0, hotel="montreal")
        await pass_by(desk, am)
        part(desk, "r1", 4, 2, hotel="montreal")
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r2", 10)]
        assert at_airmiles.given() == [(COLLECTOR, 5), (COLLECTOR, -5), (COLLECTOR, 10)]
        assert await books.decisions(AM) == {"r1": ("awarded", "awarded"), "r2": ("awarded", "awarded")}

    async def test_is_a_case_for_a_person_where_the_credit_stands(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        desk.member()
        part(desk, "r2", 2, 0)
        await pass_by(desk, mm)
        part(desk, "r1", 4, 2)
        await pass_by(desk, mm, 2)
        assert at_uplyft.given() == [(MEMBER, 110)]
        assert await books.decisions(MM) == dict.fromkeys(("r1", "r2"), ("suspended", "not_correctable"))
        assert [reason for reason, _ in await books.cases()] == ["not_correctable"]

    async def test_two_awards_makes_them_one(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 6, 4, hotel="montreal")
        await pass_by(desk, am)
        part(desk, "r3", 2, 0, hotel="montreal")
        await pass_by(desk, am)
        part(desk, "r2", 4, 2, hotel="montreal")
        await desk.read(am)
        assert sorted((await books.decisions(AM)).values()) == [("waiting", "returning")] * 3
        await desk.deliver(am)
        assert at_airmiles.totals()["miles"] == 5
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r1", 15), ("r3", 0)]
        assert at_airmiles.totals()["miles"] == 15

    async def test_two_credits_that_cannot_be_taken_back_changes_neither(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        desk.member()
        part(desk, "r1", 6, 4)
        part(desk, "r3", 2, 0)
        await pass_by(desk, mm)
        part(desk, "r2", 4, 2)
        await pass_by(desk, mm, 2)
        assert at_uplyft.given() == [(MEMBER, 110), (MEMBER, 110)]
        assert {status for status, _ in (await books.decisions(MM)).values()} == {"suspended"}


class TestASplit:
    async def test_by_a_cancellation_takes_the_part_out(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 4, 2, hotel="montreal")
        part(desk, "r2", 2, 0, hotel="montreal")
        await pass_by(desk, am)
        desk.edit("Reservations", "r1", State="Canceled")
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r1", 5)]
        assert at_airmiles.totals()["miles"] == 5
        assert await books.decisions(AM) == {"r1": ("excluded", "not_processed"), "r2": ("awarded", "awarded")}

    async def test_by_other_dates_leaves_one_award_of_two_stays(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        capped = terms(am, rules=(per_twenty_dollars(cap_stay=7),))
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 4, 2, hotel="montreal")
        part(desk, "r2", 2, 0, hotel="montreal")
        await pass_by(desk, capped)
        assert await awards(books) == [("r1", 7)]
        desk.edit("Reservations", "r2", **dates(12, 10))
        await pass_by(desk, capped, 2)
        assert await awards(books) == [("r1", 10)]
        assert at_airmiles.totals()["miles"] == 10
        desk.edit("Reservations", "r2", **dates(2, 0))
        await pass_by(desk, capped, 2)
        assert await awards(books) == [("r1", 7)]
        assert at_airmiles.totals()["miles"] == 7

    async def test_of_two_awards_that_were_one_gives_each_its_own_when_the_other_gave_way(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 6, 4, hotel="montreal")
        part(desk, "r3", 2, 0, hotel="montreal")
        await pass_by(desk, am)
        part(desk, "r2", 4, 2, hotel="montreal")
        await pass_by(desk, am, 3)
        assert await awards(books) == [("r1", 15), ("r3", 0)]
        desk.edit("Reservations", "r3", **dates(12, 10))
        await desk.read(am)
        assert await awards(books) == [("r1", 10), ("r3", 0)]
        await desk.deliver(am)
        assert at_airmiles.totals()["miles"] == 10
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r1", 10), ("r3", 5)]
        assert at_airmiles.totals()["miles"] == 15


async def test_a_refused_reversal_of_one_award_keeps_the_other_from_rising(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    desk.member("g1", "AM", COLLECTOR)
    part(desk, "r1", 6, 4, hotel="montreal")
    await pass_by(desk, am)
    part(desk, "r3", 2, 0, hotel="montreal")
    await pass_by(desk, am)
    part(desk, "r2", 4, 2, hotel="montreal")
    await desk.read(am)
    at_airmiles.fault("400,times=1", "reverse")
    await desk.deliver(am)
    await pass_by(desk, am, 2)
    assert at_airmiles.totals()["miles"] == 10
    assert {status for status, _ in (await books.decisions(AM)).values()} == {"suspended"}


async def test_two_guests_who_turn_out_to_be_one_have_one_award(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    desk.member("g1", "AM", COLLECTOR)
    desk.guest("g2")
    desk.membership("m-2", "g2", "AM", "80085102002")
    loose = terms(am, number_check="off")
    part(desk, "r1", 4, 2, hotel="montreal")
    part(desk, "r2", 2, 0, guest="g2", hotel="montreal")
    await pass_by(desk, loose)
    assert at_airmiles.totals()["miles"] == 10
    desk.merge("g2", "g1", "move")
    await pass_by(desk, loose, 4)
    assert await awards(books) == [("r1", 10), ("r2", 0)]
    assert [(member, miles) for member, miles in at_airmiles.given() if member != COLLECTOR] == [
        ("80085102002", 5),
        ("80085102002", -5),
    ]


class TestRoomsOfOneStay:
    async def test_count_together_as_many_as_earn(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        for number in (1, 2, 3):
            part(desk, f"r{number}", 4, 2, CreatedUtc=wire(NOW - timedelta(days=30 - number)))
        part(desk, "r4", 2, 0)
        nights = per_euro(basis="night", miles=Decimal(10), bonus=1)
        two = terms(mm, rooms=2, rules=(nights,))
        await desk.read(two)
        assert await awards(books) == [("r1", 3 * 2 * 10 + 1)]
        assert (await books.decisions(MM))["r3"] == ("excluded", "more_rooms")

    async def test_that_no_rule_takes_leave_their_place_to_another(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        part(desk, "r1", 4, 2, TravelAgencyId="agency")
        part(desk, "r2", 4, 2)
        await desk.read(terms(mm, rules=(per_euro(travel_agencies="none"),)))
        assert await awards(books) == [("r1", 110)]


async def test_a_preview_counts_a_stay_once_with_its_last_part(
    desk: FrontDesk, database: Database, mm: Partnership
) -> None:
    desk.member()
    part(desk, "r1", 4, 2)
    part(desk, "r2", 2, 0)
    await desk.read(mm)
    rules = (per_euro(basis="stay", miles=Decimal(500)),)
    last = CHECK_OUT.date(), CHECK_OUT.date()
    present, other = terms(mm, rules=rules), terms(mm, rules=rules, stitch=False)
    seen = await outlook(database, (last[0] - timedelta(days=2), last[1]), [present], [other], desk.clock.now(), 5)
    assert (seen.present[MM].total.miles, seen.other[MM].total.miles) == (500, 1000)
    assert (await outlook(database, last, [present], None, desk.clock.now(), 5)).present[MM].total.miles == 500


class TestAClaim:
    async def claim(self, desk: FrontDesk, partnership: Partnership, word: str) -> Claimed:
        signature = Signature("anna", desk.clock.now(), "card found")
        return await claim(runner_for(desk.chain(), [partnership]), Claim(word, MM, MEMBER), signature)

    async def test_of_the_part_that_follows_joins_the_award_of_the_first(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        desk.guest("g1")
        part(desk, "r1", 4, 2)
        part(desk, "r2", 2, 0)
        await pass_by(desk, mm)
        assert (await self.claim(desk, mm, "r1")).miles == 110
        assert (await self.claim(desk, mm, "r2")).miles == 220
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 220, "ready")]
        await pass_by(desk, mm)
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_waits_for_the_items_of_the_part_beside_it(
        self, desk: FrontDesk, database: Database, books: Books, mm: Partnership
    ) -> None:
        desk.guest("g1")
        part(desk, "r1", 4, 2)
        await pass_by(desk, mm)
        part(desk, "r2", 2, 0)
        await pass_by(desk, mm)
        async with database.write() as connection:
            await connection.execute(text("UPDATE reservation SET items_complete = false WHERE id = 'r2'"))
            await connection.execute(text("DELETE FROM decision WHERE reservation_id = 'r2'"))
        with pytest.raises(Refused, match="its order items are not read yet"):
            await self.claim(desk, mm, "r1")
        assert await awards(books) == []

    async def test_of_a_further_room_on_the_same_dates_is_refused(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.guest("g1")
        part(desk, "r1", 2, 0)
        part(desk, "r2", 2, 0)
        await pass_by(desk, mm)
        assert (await self.claim(desk, mm, "r1")).miles == 110
        with pytest.raises(Refused, match="another room of this guest on the same dates earns already"):
            await self.claim(desk, mm, "r2")
        assert await awards(books) == [("r1", 110)]


class TestASettingThatChangesLater:
    async def test_leaves_awards_apart_that_were_made_apart(
        self, desk: FrontDesk, books: Books, am: Partnership
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 6, 4, hotel="montreal")
        part(desk, "r2", 4, 2, hotel="montreal")
        await pass_by(desk, terms(am, stitch=False))
        part(desk, "r3", 2, 0, hotel="montreal")
        desk.rebate("i4", 20, lowers="i-r1", stay="r1", hotel="montreal")
        await pass_by(desk, am, 2)
        assert await awards(books) == [("r1", 4), ("r2", 5), ("r3", 5)]

    async def test_leaves_an_award_whole_that_was_made_whole(
        self, desk: FrontDesk, books: Books, am: Partnership
    ) -> None:
        capped = terms(am, rules=(per_twenty_dollars(cap_stay=7),))
        desk.member("g1", "AM", COLLECTOR)
        part(desk, "r1", 4, 2, hotel="montreal")
        part(desk, "r2", 2, 0, hotel="montreal")
        await pass_by(desk, capped)
        desk.rebate("i3", 20, lowers="i-r1", stay="r1", hotel="montreal")
        await pass_by(desk, terms(capped, stitch=False), 2)
        assert await awards(books) == [("r1", 7)]


async def test_what_was_credited_elsewhere_is_no_part_of_a_stay_and_has_its_room(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.member()
    part(desk, "r1", 4, 2)
    part(desk, "r2", 2, 0)
    part(desk, "r3", 4, 2, CreatedUtc=wire(CHECK_OUT - timedelta(days=9)))
    await desk.read(mm)
    signature = Signature("anna", desk.clock.now(), "the predecessor's list")
    await import_credits(runner_for(desk.chain(), [mm]), MM, [Credited(2, "r1")], signature)
    await desk.read(mm)
    assert await books.decisions(MM) == {
        "r1": ("excluded", "credited_elsewhere"),
        "r2": ("awarded", "awarded"),
        "r3": ("excluded", "more_rooms"),
    }
    assert await books.states() == ["ready", "superseded"]


async def test_the_rules_of_today_are_applied_to_a_stay_as_a_whole(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    desk.member("g1", "AM", COLLECTOR)
    part(desk, "r1", 4, 2, hotel="montreal")
    part(desk, "r2", 2, 0, hotel="montreal")
    await pass_by(desk, am)
    doubled = terms(am, rules=(per_twenty_dollars(miles=Decimal(2)),))
    period = Scope(NOW.date() - timedelta(days=9), NOW.date() + timedelta(days=1))
    signature, runner = Signature("anna", desk.clock.now(), "new"), runner_for(desk.chain(), [doubled])
    plan = await recompute(runner, [doubled], period)
    assert (sum(plan.stays.values()), plan.up, plan.down) == (1, 10, 0)
    await recompute(runner, [doubled], period, confirmed=(plan.plan_id, signature))
    await pass_by(desk, doubled, 2)
    assert await awards(books) == [("r1", 20)]
    assert [(kind, miles) for kind, _, miles, state in await books.messages() if state == "credited"] == [
        ("credit", 10),
        ("reversal", 10),
        ("credit", 20),
    ]
    assert (await recompute(runner, [doubled], period)).plan_id == ""
