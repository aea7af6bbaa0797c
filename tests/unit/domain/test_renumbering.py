from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connector.domain.contract import Contract
from connector.domain.decision import Frozen
from connector.domain.loyalty import Membership
from connector.domain.renumbering import renumbered
from connector.domain.ruling import Ruling

TODAY = date(2026, 11, 25)
A, B = "992003669288601", "992000000000005"
TERMS = Contract("mm", "MM", "miles_and_more", ())
FROZEN = Frozen("f", {}, membership_id="m1", member_number=A)
HELD = Membership("m1", "g1", "p-MM", "Enrolled", True, A)
GONE = HELD._replace(deleted=True)
NEXT = HELD._replace(id="m2", number=B)


def found(held: Membership | None, *others: Membership) -> Frozen | Ruling:
    return renumbered(FROZEN, TERMS, held, others, TODAY)


@pytest.mark.parametrize("typed", [A, " 9920 0366-9288 601 ", "", None])
def test_the_same_number_otherwise_written_or_cleared_changes_nothing(typed: str | None) -> None:
    assert found(HELD._replace(number=typed)) == FROZEN


def test_an_edited_number_is_the_present_one() -> None:
    assert found(HELD._replace(number="9920 0000 0000 005")) == replace(FROZEN, member_number=B)


@pytest.mark.parametrize("end", [{"state": "Canceled"}, {"expires_on": date(2026, 11, 24)}])
@pytest.mark.parametrize("number", [A, B, "99200"])
def test_a_membership_that_ended_keeps_the_award_whatever_its_number(end: dict[str, Any], number: str) -> None:
    assert found(HELD._replace(number=number, **end)) == FROZEN


def test_a_second_membership_beside_the_first_changes_nothing() -> None:
    assert found(HELD, HELD, NEXT) == FROZEN


def test_a_membership_that_vanished_keeps_the_award() -> None:
    assert found(None) == FROZEN
    assert found(GONE) == FROZEN
    assert found(GONE, NEXT._replace(state="Canceled")) == FROZEN
    assert found(GONE, NEXT._replace(expires_on=date(2026, 11, 24))) == FROZEN


def test_another_one_in_its_place_is_the_present_one() -> None:
    assert found(GONE, NEXT) == replace(FROZEN, membership_id="m2", member_number=B)
    assert found(GONE, NEXT._replace(number=A), NEXT) == replace(FROZEN, membership_id="m2")


@pytest.mark.parametrize(
    ("held", "others", "reason"),
    [
        (HELD._replace(number="99200"), [], "bad_number"),
        (HELD._replace(number="4111111111111111"), [], "payment_card"),
        (GONE, [NEXT, NEXT._replace(id="m3", number="992009999999990")], "two_memberships"),
    ],
)
def test_what_nobody_can_be_paid_by_is_for_a_person(held: Membership, others: list[Membership], reason: str) -> None:
    ruling = found(held, *others)
    assert isinstance(ruling, Ruling)
    assert ruling.reason == reason
    assert "99200" not in ruling.text
    assert "1111" not in ruling.text
