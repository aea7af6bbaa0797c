"""Stays that a company owns: the booker or the companions earn instead, each in a seat that never changes."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.awards import Kind, message_key
from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, CHAIN_ID, COLLECTOR, MM, NOW, air_miles, miles_and_more
from tests.integration.earning.front_desk import FrontDesk, wire

NUMBERS = {"g1": "992003669288601", "g2": "992000000000018"}


def partner(at: Counter, earner: str) -> Partnership:
    return miles_and_more(at.uplyft(), contract={"earner": earner, "number_check": "off"})


def company_stay(desk: FrontDesk, **more: Any) -> None:
    for guest, number in NUMBERS.items():
        desk.member(guest, number=number)
    desk.stay(guest="firm", AccountType="Company", **more)
    desk.charge("i1", 100)


def comes_along(desk: FrontDesk, guest: str, id_: str = "") -> None:
    body = {"Id": id_ or f"c-{guest}", "CustomerId": guest, "ReservationGroupId": "group", "ReservationId": "r1"}
    times = {"_EnterpriseId": "e-wien", "_CreatedUtc": wire(NOW), "_UpdatedUtc": wire(NOW)}
    edits.add(desk.state, "Companionships", body | times)


async def awards(books: Books) -> dict[str, tuple[str, int]]:
    rows = await books.rows("SELECT seat, member_number, miles FROM award")
    return {seat: (number, miles) for seat, number, miles in rows}


async def test_the_owner_earns_nothing_where_it_is_a_company(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    company_stay(desk, BookerId="g1")
    await desk.read(partner(at_uplyft, "owner"))
    assert await books.decisions(MM) == {"r1": ("excluded", "company_owner")}
    assert await awards(books) == {}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestTheBooker:
    async def test_earns_in_a_seat_of_the_award_and_of_the_message_key(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk, BookerId="g2")
        await desk.read(partner(at_uplyft, "booker"))
        assert await awards(books) == {"booker": (NUMBERS["g2"], 110)}
        key = message_key(CHAIN_ID, "r1", MM, "booker", Kind.CREDIT, 1)
        assert await books.rows("SELECT key FROM message") == [(str(key),)]
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}

    async def test_earns_nothing_by_the_stay_of_a_person(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        for guest, number in NUMBERS.items():
            desk.member(guest, number=number)
        desk.stay(BookerId="g2")
        desk.charge("i1", 100)
        await desk.read(partner(at_uplyft, "booker"))
        assert await awards(books) == {"owner": (NUMBERS["g1"], 110)}

    async def test_is_followed_through_a_merge_before_the_award(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk, BookerId="g3")
        desk.guest("g3")
        desk.merge("g3", "g2")
        await desk.read(partner(at_uplyft, "booker"))
        assert await awards(books) == {"booker": (NUMBERS["g2"], 110)}


async def test_a_stay_without_a_booker_is_excluded_with_that_reason(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    company_stay(desk)
    await desk.read(partner(at_uplyft, "booker"))
    assert await books.decisions(MM) == {"r1": ("excluded", "no_earner")}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestCompanions:
    async def test_each_earn_by_the_same_stay_which_counts_once(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk)
        comes_along(desk, "g1")
        comes_along(desk, "g2")
        mm = partner(at_uplyft, "companions")
        await desk.read(mm)
        await desk.deliver(mm)
        assert await awards(books) == {guest: (number, 110) for guest, number in NUMBERS.items()}
        assert sorted(at_uplyft.given()) == sorted((number, 110) for number in NUMBERS.values())
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}

    async def test_one_without_a_membership_earns_by_a_claim_only(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk)
        desk.guest("g3")
        comes_along(desk, "g1")
        comes_along(desk, "g3")
        mm = partner(at_uplyft, "companions")
        await desk.read(mm)
        desk.membership("m-g3", "g3", number="992000000000026")
        desk.rebate("i2", 10, lowers="i1")
        await desk.read(mm)
        assert await awards(books) == {"g1": (NUMBERS["g1"], 99)}
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}

    async def test_a_merge_and_a_new_companionship_leave_the_seat_as_first_seen(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk)
        comes_along(desk, "g1")
        mm = partner(at_uplyft, "companions")
        await desk.read(mm)
        desk.guest("g9")
        desk.merge("g1", "g9", "move")
        desk.edit("Companionships", "c-g1", CustomerId="g9")
        desk.rebate("i2", 10, lowers="i1")
        await desk.read(mm)
        assert await awards(books) == {"g1": (NUMBERS["g1"], 99)}

    async def test_one_who_is_taken_off_the_reservation_keeps_the_award_and_its_corrections(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk)
        comes_along(desk, "g1")
        mm = partner(at_uplyft, "companions")
        await desk.read(mm)
        desk.edit("Companionships", "c-g1", ReservationId="other")
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(mm)
        assert await books.states() == ["superseded"]

    async def test_nobody_is_asked_for_where_no_company_stays(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        desk.fault("companionships/getAll=500")
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        assert (await desk.read(partner(at_uplyft, "companions"))).error == ""
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}

    async def test_a_stay_whose_companions_cannot_be_read_waits(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk)
        comes_along(desk, "g1")
        desk.fault("companionships/getAll=400,times=1")
        mm = partner(at_uplyft, "companions")
        await desk.read(mm)
        assert await books.decisions(MM) == {}
        await desk.read(mm)
        assert await awards(books) == {"g1": (NUMBERS["g1"], 110)}


class TestAStayThatFindsAnotherOwner:
    async def test_is_the_owners_once_nothing_was_sent(self, desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
        company_stay(desk, BookerId="g2")
        mm = partner(at_uplyft, "booker")
        await desk.read(mm)
        desk.edit("Reservations", "r1", AccountId="g1", AccountType="Customer")
        await desk.read(mm)
        assert await books.states() == ["ready", "superseded"]
        assert await awards(books) == {"booker": (NUMBERS["g2"], 0), "owner": (NUMBERS["g1"], 110)}

    async def test_is_not_paid_twice_where_the_channel_cannot_take_miles_back(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        company_stay(desk, BookerId="g2")
        mm = partner(at_uplyft, "booker")
        await desk.read(mm)
        await desk.deliver(mm)
        desk.edit("Reservations", "r1", AccountId="g1", AccountType="Customer")
        await desk.read(mm)
        await desk.deliver(mm)
        assert at_uplyft.given() == [(NUMBERS["g2"], 110)]
        assert (await books.decisions(MM))["r1"][0] == "suspended"
        ((reason, text),) = await books.cases()
        assert reason == "not_correctable"
        assert "somebody else was awarded this stay" in text


async def test_the_miles_of_a_seat_that_lost_its_place_are_taken_back(
    desk: FrontDesk, books: Books, at_airmiles: Counter
) -> None:
    desk.member("g1", "AM", COLLECTOR)
    desk.stay(hotel="montreal", guest="firm", AccountType="Company", BookerId="g1")
    desk.charge("i1", 200, hotel="montreal")
    await desk.read(am := air_miles(at_airmiles.airmiles(), contract={"earner": "booker"}))
    await desk.deliver(am)
    desk.edit("Reservations", "r1", AccountId="nobody", AccountType="Customer")
    await desk.read(am)
    await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10)]
    assert await books.decisions(AM) == {"r1": ("excluded", "other_earner")}


async def test_nobody_else_is_paid_while_a_credit_of_the_displaced_is_in_doubt(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    company_stay(desk, BookerId="g2")
    mm = partner(at_uplyft, "booker")
    await desk.read(mm)
    at_uplyft.fault("lose,times=1")
    await desk.deliver(mm)
    assert await books.states() == ["in_doubt"]
    desk.edit("Reservations", "r1", AccountId="g1", AccountType="Customer")
    await desk.read(mm)
    assert await books.states() == ["in_doubt"]
    assert (await books.decisions(MM))["r1"] == ("suspended", "awarded_to_other")
