"""Which deposits the scheme is told of, and why not of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connector.domain.deposits import BAD_REVERSAL, FAULTY, NO_MEMBER, Deposit, Doubt, Judge, Kept, without_card

AT = datetime(2026, 11, 28, tzinfo=UTC)
GIVEN = Deposit("0xaa", "A-1", Decimal(250))
BACK = Deposit("0xbb", "A-1", Decimal(250), reverts="0xaa")


def kept(deposit: Deposit, number: int = 7) -> Kept:
    return Kept(number, deposit, AT)


def doubt(deposit: Deposit, given: Deposit | None = GIVEN, *, first: int = 7) -> Doubt | None:
    reverted = {} if given is None else {given.reference: kept(given, 1)}
    return Judge({"A-1", "A-2"}, reverted, {"0xaa": first}).doubt(kept(deposit))


def test_a_deposit_gives_and_one_that_reverts_another_takes_back() -> None:
    assert (GIVEN.kind, BACK.kind) == ("credit", "reversal")


def test_what_was_just_kept_was_not_handed_over() -> None:
    assert not kept(GIVEN).handed


@pytest.mark.parametrize("deposit", [GIVEN, BACK, replace(BACK, points=Decimal("249.5"))])
def test_of_what_fits_the_scheme_is_told(deposit: Deposit) -> None:
    assert doubt(deposit) is None


def test_a_deposit_with_a_fault_says_it() -> None:
    found = doubt(replace(GIVEN, fault="its amount is no plain number"))
    assert found == Doubt(FAULTY, "deposit 0xaa is not handed to the scheme: its amount is no plain number")


def test_a_member_whom_the_scheme_does_not_know_is_waited_for() -> None:
    found = doubt(replace(GIVEN, member="A-9"))
    assert found is not None
    assert found.reason == NO_MEMBER


def test_where_there_is_no_scheme_to_ask_every_member_is_one() -> None:
    assert Judge(None, {}, {}).doubt(kept(replace(GIVEN, member="A-9"))) is None


@pytest.mark.parametrize(
    ("back", "given", "fault"),
    [
        (BACK, None, "what it takes back, 0xaa, was never received"),
        (BACK, replace(GIVEN, reverts="0xcc"), "what it takes back, 0xaa, is a reversal itself"),
        (BACK, replace(GIVEN, member="A-2"), "what it takes back, 0xaa, is another member's"),
        (replace(BACK, points=Decimal("250.01")), GIVEN, "it takes back 250.01 points of 250"),
    ],
)
def test_a_reversal_that_does_not_fit_says_why(back: Deposit, given: Deposit | None, fault: str) -> None:
    assert doubt(back, given) == Doubt(BAD_REVERSAL, f"reversal 0xbb is not handed to the scheme: {fault}")


def test_of_two_reversals_the_first_one_counts() -> None:
    found = doubt(BACK, first=6)
    assert found == Doubt(BAD_REVERSAL, "reversal 0xbb is not handed to the scheme: 0xaa is taken back already")


def test_a_payment_card_in_the_place_of_the_member_is_not_kept() -> None:
    assert without_card(GIVEN) is GIVEN
    found = without_card(replace(GIVEN, member="4111 1111 1111 1111"))
    assert found.member == ""
    assert found.fault == "its member looks like a payment card number, which is not kept"
    assert without_card(replace(GIVEN, member="4111 1111 1111 1111", fault="another")).fault == "another"
