"""Several rooms of one guest on the same dates: as many earn as the contract says, whenever they become known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.forecasting import outlook
from connector.jobs.report import summary
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, CHECK_OUT, COLLECTOR, MM, NOW, air_miles, per_euro, per_twenty_dollars
from tests.integration.earning.front_desk import FrontDesk, wire


def room(desk: FrontDesk, id_: str, guest: str = "g1", *, booked: int = 0, hotel: str = "wien", **more: Any) -> None:
    created = wire(NOW - timedelta(days=20 - booked))
    desk.stay(id_, guest, hotel, CreatedUtc=created, **more)
    desk.charge(f"i-{id_}", 100, id_, hotel)


def rooms(partnership: Partnership, number: int) -> Partnership:
    return replace(partnership, contract=replace(partnership.contract, rooms=number))


async def adds_up(desk: FrontDesk, partner: str = MM) -> bool:
    stays = (await summary(desk.chain(), [partner], [])).stays[partner]
    return stays["seen"] == sum(number for status, number in stays.items() if status != "seen")


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestAGuestWithThreeRooms:
    async def test_earns_by_the_first_that_was_booked(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        for place, name in enumerate(("r3", "r1", "r2")):
            room(desk, name, booked=place)
        await desk.read(mm)
        assert await books.decisions(MM) == {
            "r1": ("excluded", "more_rooms"),
            "r2": ("excluded", "more_rooms"),
            "r3": ("awarded", "awarded"),
        }
        assert await books.rows("SELECT root_id FROM award") == [("r3",)]
        assert await adds_up(desk)

    async def test_earns_by_as_many_as_the_contract_says(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        for place, name in enumerate(("r1", "r2", "r3")):
            room(desk, name, booked=place)
        await desk.read(rooms(mm, 2))
        assert await books.rows("SELECT root_id, miles FROM award ORDER BY 1") == [("r1", 110), ("r2", 110)]

    async def test_keeps_an_award_when_a_room_booked_earlier_becomes_known(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        room(desk, "r2", booked=5)
        await desk.read(mm)
        room(desk, "r1")
        desk.rebate("i3", 10, lowers="i-r2", stay="r2")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 99, "ready")]
        assert (await books.decisions(MM))["r1"] == ("excluded", "more_rooms")

    async def test_waits_for_a_room_that_was_booked_first_and_is_not_left_yet(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        room(desk, "r1", State="Started", ScheduledEndUtc=wire(CHECK_OUT + timedelta(days=1)), ActualEndUtc=None)
        room(desk, "r2", booked=1)
        await desk.read(mm)
        assert await books.decisions(MM) == {"r2": ("waiting", "more_rooms")}
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(mm)
        assert await books.decisions(MM) == {"r2": ("awarded", "awarded")}
        assert await adds_up(desk)

    async def test_earns_by_the_next_when_the_first_moves_away(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        room(desk, "r1")
        room(desk, "r2", booked=1)
        await desk.read(mm)
        away = wire(CHECK_OUT - timedelta(days=12)), wire(CHECK_OUT - timedelta(days=10))
        desk.edit("Reservations", "r1", ScheduledStartUtc=away[0], ScheduledEndUtc=away[1], ActualEndUtc=away[1])
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded"), "r2": ("awarded", "awarded")}

    async def test_is_seen_so_by_a_preview_of_two_contracts(
        self, desk: FrontDesk, database: Database, mm: Partnership
    ) -> None:
        desk.member()
        for place, name in enumerate(("r1", "r2", "r3")):
            room(desk, name, booked=place)
        await desk.read(mm)
        days = CHECK_OUT.date(), CHECK_OUT.date()
        seen = await outlook(database, days, [mm], [rooms(mm, 2)], desk.clock.now(), 5)
        assert (seen.present[MM].total.miles, seen.other[MM].total.miles) == (110, 220)
        assert seen.present[MM].total.reasons == {"more_rooms": 2}

    async def test_is_one_guest_after_a_merge(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member("g1")
        desk.guest("g2")
        desk.guest("g3")
        room(desk, "r1")
        room(desk, "r2", "g2", booked=1)
        room(desk, "r3", "g3", booked=2)
        desk.merge("g3", "g1")
        await desk.read(mm)
        assert await books.decisions(MM) == {
            "r1": ("awarded", "awarded"),
            "r2": ("excluded", "no_membership"),
            "r3": ("excluded", "more_rooms"),
        }

    async def test_has_the_rooms_of_another_guest_in_no_way(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member("g1")
        desk.member("g2", number="992000000000018")
        room(desk, "r1")
        room(desk, "r2", "g2")
        await desk.read(mm)
        assert await books.rows("SELECT count(*) FROM award") == [(2,)]


async def test_a_merge_after_the_awards_takes_nothing_away(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    desk.member("g1")
    desk.member("g2", number="992000000000018")
    room(desk, "r1")
    room(desk, "r2", "g2")
    await desk.read(mm)
    desk.merge("g2", "g1")
    desk.later(minutes=10)
    room(desk, "r3", "g2", booked=3)
    await desk.read(mm)
    assert await books.states() == ["ready", "ready"]
    assert (await books.decisions(MM))["r3"] == ("excluded", "more_rooms")


class TestARoomThatTakesThePlaceOfAnother:
    async def test_waits_until_the_miles_of_that_one_are_back(
        self, desk: FrontDesk, books: Books, at_airmiles: Counter
    ) -> None:
        am = air_miles(at_airmiles.airmiles())
        desk.member("g1", "AM", COLLECTOR)
        room(desk, "r1", hotel="montreal")
        room(desk, "r2", booked=1, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(am)
        assert (await books.decisions(AM))["r2"] == ("waiting", "more_rooms")
        await desk.deliver(am)
        desk.later(hours=1)
        await desk.read(am)
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 5), (COLLECTOR, -5), (COLLECTOR, 5)]
        assert await adds_up(desk, AM)

    async def test_gets_nothing_where_the_channel_cannot_take_them_back(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        mm = replace(mm, channel=at_uplyft.uplyft())
        desk.member()
        room(desk, "r1")
        room(desk, "r2", booked=1)
        await desk.read(mm)
        await desk.deliver(mm)
        desk.edit("Reservations", "r1", State="Canceled")
        for _ in range(2):
            await desk.read(mm)
            await desk.deliver(mm)
        assert at_uplyft.given() == [("992003669288601", 110)]
        assert await books.decisions(MM) == {
            "r1": ("suspended", "not_correctable"),
            "r2": ("waiting", "more_rooms"),
        }


class TestAVisit:
    async def test_is_paid_once_whatever_the_rooms(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        visit = per_euro(basis="visit", miles=Decimal(500)), per_euro()
        mm = rooms(replace(mm, contract=replace(mm.contract, rules=visit)), 9)
        desk.member()
        room(desk, "r2", booked=1)
        room(desk, "r3", booked=2)
        await desk.read(mm)
        room(desk, "r1")
        await desk.read(mm)
        found = await books.rows("SELECT root_id, miles FROM award ORDER BY 1")
        assert found == [("r1", 110), ("r2", 610), ("r3", 110)]
        desk.edit("Reservations", "r2", State="Canceled")
        await desk.read(mm)
        found = await books.rows("SELECT root_id, miles FROM award ORDER BY 1")
        assert found == [("r1", 110), ("r2", 0), ("r3", 610)]


async def test_a_visit_comes_to_another_room_when_its_miles_are_back(
    desk: FrontDesk, books: Books, at_airmiles: Counter
) -> None:
    terms = {"rooms": 9, "rules": (per_euro(basis="visit", currency="CAD"), per_twenty_dollars())}
    am = air_miles(at_airmiles.airmiles(), contract=terms)
    desk.member("g1", "AM", COLLECTOR)
    room(desk, "r1", hotel="montreal")
    room(desk, "r2", booked=1, hotel="montreal")
    await desk.read(am)
    await desk.deliver(am)
    desk.edit("Reservations", "r1", State="Canceled")
    await desk.read(am)
    await desk.deliver(am)
    desk.later(hours=1)
    await desk.read(am)
    await desk.deliver(am)
    assert await books.rows("SELECT root_id, miles FROM award ORDER BY 1") == [("r1", 0), ("r2", 6)]
    assert sorted(miles for _, miles in at_airmiles.given()) == [-6, -5, 5, 6, 6]


class TestRoomsOfACompany:
    async def test_crowd_out_each_other_for_the_same_booker_only(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        booker = replace(mm, contract=replace(mm.contract, earner="booker", number_check="off"))
        desk.member("g1")
        desk.member("g2", number="992000000000018")
        for place, (name, guest) in enumerate((("r1", "g1"), ("r2", "g2"), ("r3", "g1"))):
            room(desk, name, "firm", booked=place, AccountType="Company", BookerId=guest)
        await desk.read(booker)
        assert await books.decisions(MM) == {
            "r1": ("awarded", "awarded"),
            "r2": ("awarded", "awarded"),
            "r3": ("excluded", "more_rooms"),
        }

    async def test_that_adjoin_are_one_stay_of_their_booker(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        terms = {"earner": "booker", "number_check": "off", "stitch": True}
        booker = replace(mm, contract=replace(mm.contract, **terms))
        desk.member("g1")
        middle, begin = wire(CHECK_OUT - timedelta(days=2)), wire(CHECK_OUT - timedelta(days=4))
        before = {"ScheduledStartUtc": begin, "ScheduledEndUtc": middle, "ActualEndUtc": middle}
        room(desk, "r1", "firm", AccountType="Company", BookerId="g1", **before)
        room(desk, "r2", "firm", AccountType="Company", BookerId="g1")
        room(desk, "r3", "firm", AccountType="Company", BookerId="g3")
        await desk.read(booker)
        assert await books.rows("SELECT root_id, seat, miles FROM award") == [("r1", "booker", 220)]
