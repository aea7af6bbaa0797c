from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.domain.ruling import Ruling, Status
from connector.domain.seat import Seat, take, tier
from connector.domain.stays import Membership
from tests.unit.domain.stay_makers import COLLECTOR, MEMBER, contract, membership, stay

DAY = date(2026, 12, 12)


def seat(*held: Membership, **terms: Any) -> Seat | Ruling:
    return take(stay(memberships=held), contract(**terms), DAY)


def ruled(result: Seat | Ruling) -> tuple[str, str]:
    assert isinstance(result, Ruling)
    return str(result.status), result.reason


def other(**changes: Any) -> Membership:
    return membership(**({"id": "m-2", "program_code": "AM", "number": COLLECTOR, "is_primary": False} | changes))


@pytest.mark.parametrize("state", ["Enrolled", "New", "Pending"])
def test_a_member_earns_from_the_first_application_on(state: str) -> None:
    assert seat(membership(state=state)) == Seat("m-1", MEMBER)


@pytest.mark.parametrize("state", ["Canceled", "Declined", "SomethingNew"])
def test_who_left_or_was_declined_does_not_earn(state: str) -> None:
    assert ruled(seat(membership(state=state))) == ("excluded", "membership_not_active")


def test_a_membership_earns_to_the_last_day_of_its_validity() -> None:
    assert isinstance(seat(membership(expires=DAY)), Seat)
    assert ruled(seat(membership(expires=date(2026, 12, 11)))) == ("excluded", "membership_expired")


def test_nobody_earns_without_membership_in_the_partners_program() -> None:
    assert ruled(seat()) == ("excluded", "no_membership")
    assert ruled(seat(membership(program_code="ALPEN"))) == ("excluded", "no_membership")


def test_two_memberships_in_one_program_are_for_a_person_but_a_canceled_one_does_not_matter() -> None:
    assert ruled(seat(membership(), membership(id="m-9"))) == ("suspended", "two_memberships")
    assert seat(membership(id="old", state="Canceled"), membership()) == Seat("m-1", MEMBER)


def test_a_single_partner_membership_earns_whether_flagged_or_not() -> None:
    assert isinstance(seat(membership(is_primary=False)), Seat)
    assert isinstance(seat(membership(is_primary=False), other(program_code="ALPEN", is_primary=True)), Seat)
    assert isinstance(seat(membership(is_primary=False), other(is_primary=True, state="Canceled")), Seat)


def test_of_several_partner_memberships_the_primary_one_earns() -> None:
    assert isinstance(seat(membership(is_primary=True), other()), Seat)
    assert ruled(seat(membership(is_primary=False), other(is_primary=True))) == ("excluded", "not_primary")


@pytest.mark.parametrize("flag", [True, False])
def test_no_primary_or_several_are_never_guessed(flag: bool) -> None:
    result = seat(membership(is_primary=flag), other(is_primary=flag))
    assert ruled(result) == ("suspended", "primary_unclear")


def test_where_all_earn_nobody_competes() -> None:
    assert isinstance(seat(membership(is_primary=False), other(is_primary=True), which="all"), Seat)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (None, "bad_number"),
        ("", "bad_number"),
        ("123", "bad_number"),
        ("4111 1111 1111 1111", "payment_card"),
    ],
)
def test_a_number_that_cannot_be_right_is_for_a_person_and_not_repeated(number: str | None, reason: str) -> None:
    result = seat(membership(number=number))
    assert ruled(result) == ("suspended", reason)
    assert isinstance(result, Ruling)
    assert not number or number not in result.text


def test_an_odd_check_digit_earns_with_a_warning_or_not_at_all() -> None:
    odd = membership(number="9920 0123 4567 894")
    assert seat(odd) == Seat("m-1", "992001234567894", "its check digit does not fit")
    assert ruled(seat(odd, number_check="strict")) == (Status.SUSPENDED, "bad_number")


def test_account_numbers_earn_where_the_channel_takes_them() -> None:
    assert seat(membership(number="123456789"), accounts=True) == Seat("m-1", "123456789")


def test_the_tier_noted_is_that_of_the_own_scheme() -> None:
    alpen = membership(id="m-3", program_code="ALPEN", tier_code="GOLD")
    terms = contract(tier_program="ALPEN")
    assert tier(stay(memberships=(membership(), alpen)), terms, DAY) == "GOLD"
    assert tier(stay(memberships=(membership(tier_code="SEN"),)), terms, DAY) is None
    assert tier(stay(memberships=(alpen, alpen)), terms, DAY) is None
    assert tier(stay(memberships=(alpen,)), contract(), DAY) is None
