"""A member number that changes in Mews after the award: the miles follow it where the partner can take them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.contract import Hold
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, COLLECTOR, MEMBER, MM, air_miles, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk

OTHER, OTHER_COLLECTOR = "992000000000005", "81111111111"


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    contract = air_miles(at_airmiles.airmiles())
    return replace(contract, contract=replace(contract.contract, number_check="off"))


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft())


async def credited(desk: FrontDesk, partnership: Partnership) -> None:
    """Have a stay of g1 credited to the first number."""
    hotel, program, number = ("montreal", "AM", COLLECTOR) if partnership.name == AM else ("wien", "MM", MEMBER)
    desk.guest("g1")
    desk.membership("m1", "g1", program, number)
    desk.stay(hotel=hotel)
    desk.charge("i1", 200, hotel=hotel)
    await desk.read(partnership)
    await desk.deliver(partnership)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_an_edited_number_takes_the_miles_from_the_one_and_gives_them_to_the_other(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    await credited(desk, am)
    desk.edit("LoyaltyMemberships", "m1", MembershipNumber=OTHER_COLLECTOR)
    await desk.read(am)
    assert await books.messages() == [
        ("credit", 1, 10, "credited"),
        ("reversal", 1, 10, "ready"),
        ("credit", 2, 10, "held"),
    ]
    lanes = await books.rows("SELECT lane FROM message ORDER BY revision, kind DESC")
    reversal, first, second = (lane for (lane,) in lanes)
    assert first == reversal != second
    await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (OTHER_COLLECTOR, 10)]
    assert await books.rows("SELECT member_number, revision FROM award") == [(OTHER_COLLECTOR, 2)]
    assert (await desk.read(am)).written == 0


async def test_a_membership_entered_in_place_of_a_deleted_one_is_another_number(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    await credited(desk, am)
    desk.edit("LoyaltyMemberships", "m1", _DeletedUtc="now")
    await desk.read(am)
    assert await books.states() == ["credited"]
    desk.membership("m2", "g1", "AM", OTHER_COLLECTOR)
    await desk.read(am)
    await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (OTHER_COLLECTOR, 10)]
    assert await books.rows("SELECT membership_id FROM award") == [("m2",)]


async def test_what_was_not_sent_is_composed_for_the_new_number(
    desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 200)
    await desk.read(mm)
    desk.edit("LoyaltyMemberships", "m-g1-MM", MembershipNumber=OTHER)
    await desk.read(mm)
    assert await books.messages() == [("credit", 1, 220, "superseded"), ("credit", 2, 220, "ready")]
    await desk.deliver(mm)
    assert at_uplyft.given() == [(OTHER, 220)]


async def test_a_number_that_the_partner_refused_is_mended_in_mews(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    at_airmiles.fault("400,times=1")
    await credited(desk, am)
    assert await books.states() == ["refused"]
    desk.edit("LoyaltyMemberships", "m1", MembershipNumber=OTHER_COLLECTOR)
    await desk.read(am)
    await desk.deliver(am)
    assert await books.messages() == [("credit", 1, 10, "refused"), ("credit", 2, 10, "credited")]
    assert at_airmiles.given() == [(OTHER_COLLECTOR, 10)]


async def test_a_partner_that_takes_no_miles_back_is_a_case_with_the_amounts(
    desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
) -> None:
    await credited(desk, mm)
    desk.edit("LoyaltyMemberships", "m1", MembershipNumber=OTHER)
    desk.rebate("i2", 100, lowers="i1")
    await desk.read(mm)
    assert await books.decisions(MM) == {"r1": ("suspended", "not_correctable")}
    assert await books.cases() == [
        (
            "not_correctable",
            "reservation r1: 220 miles were credited to ***********8601, the stay now earns 110 for ***********0005; "
            "this channel cannot take miles back, agree on the difference with the partner",
        )
    ]
    assert at_uplyft.given() == [(MEMBER, 220)]


async def test_a_number_that_nobody_can_be_paid_by_leaves_the_miles_and_asks_a_person(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    await credited(desk, am)
    desk.edit("LoyaltyMemberships", "m1", MembershipNumber="12")
    await desk.read(am)
    assert await books.decisions(AM) == {"r1": ("suspended", "bad_number")}
    assert await books.states() == ["credited"]
    desk.edit("LoyaltyMemberships", "m1", MembershipNumber=COLLECTOR)
    await desk.read(am)
    assert await books.decisions(AM) == {"r1": ("awarded", "awarded")}
    assert await books.cases() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"MembershipNumber": f" {COLLECTOR[:4]}-{COLLECTOR[4:]}"},
        {"State": "Canceled"},
        {"ExpirationDate": "2020-01-01"},
        {"_DeletedUtc": "now"},
        {"MembershipNumber": None},
    ],
)
async def test_what_is_no_other_number_moves_no_miles(
    desk: FrontDesk, books: Books, am: Partnership, changes: dict[str, object]
) -> None:
    await credited(desk, am)
    desk.edit("LoyaltyMemberships", "m1", **changes)
    desk.charge("i2", 5, hotel="montreal")
    await desk.read(am)
    assert await books.messages() == [("credit", 1, 10, "credited")]
    assert await books.cases() == []


@pytest.mark.parametrize("memberships", ["keep", "move", "delete"])
async def test_merged_profiles_keep_the_number_of_the_award(
    desk: FrontDesk, books: Books, am: Partnership, memberships: str
) -> None:
    await credited(desk, am)
    desk.member("g2", "AM", OTHER_COLLECTOR)
    desk.merge("g1", "g2", memberships)
    desk.charge("i2", 5, hotel="montreal")
    await desk.read(am)
    assert await books.messages() == [("credit", 1, 10, "credited")]


async def test_a_claimed_stay_keeps_the_claimed_number(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    desk.guest("g1")
    desk.stay()
    desk.charge("i1", 200)
    await desk.read(mm)
    signature = Signature("anna", desk.clock.now(), "card found")
    await claim(runner_for(desk.chain(), [mm]), Claim("n-r1", MM, MEMBER), signature)
    desk.membership("m1", "g1", "MM", OTHER)
    desk.rebate("i2", 100, lowers="i1")
    await desk.read(mm)
    assert await books.rows("SELECT member_number, miles FROM award") == [(MEMBER, 110)]


async def test_a_stay_on_hold_earns_by_the_number_of_its_end(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    held = replace(mm, contract=replace(mm.contract, hold=Hold("after", timedelta(days=1))))
    desk.member()
    desk.stay()
    desk.charge("i1", 200)
    await desk.read(held)
    desk.edit("LoyaltyMemberships", "m-g1-MM", MembershipNumber=OTHER)
    desk.later(days=1)
    await desk.read(held)
    assert await books.rows("SELECT member_number, revision FROM award") == [(OTHER, 1)]
