"""What a lost original may have said, and what it cannot have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.domain.adoption import LostTime, Trace, may_have_been_said
from connector.domain.awards import Kind, Message
from connector.domain.contract import Hold
from tests.integration.store.makers import message

DAY = timedelta(days=1)
ADOPTED = datetime(2026, 11, 20, tzinfo=UTC)
LOST = LostTime(ADOPTED, caught_up=True)
AT_ONCE = Hold("none")


def trace(**facts: Any) -> Trace:
    usual: dict[str, Any] = {"made_at": ADOPTED + DAY, "left_at": ADOPTED - DAY, "editable": 3 * DAY, "unsure": False}
    return Trace(**(usual | facts))


def said(each: Trace, hold: Hold = AT_ONCE, what: Message | None = None, lost: LostTime = LOST) -> bool:
    return may_have_been_said(what or message(), each, hold, lost)


def test_the_first_credit_of_a_stay_that_left_before_may_have_been() -> None:
    assert said(trace())
    assert said(trace(left_at=None))


@pytest.mark.parametrize("hold", [AT_ONCE, Hold("after", DAY), Hold("settled")])
def test_what_left_afterwards_cannot_have_been(hold: Hold) -> None:
    assert not said(trace(left_at=ADOPTED + timedelta(seconds=1)), hold)


@pytest.mark.parametrize(
    ("hold", "left", "may"),
    [
        (Hold("after", 2 * DAY), 1, False),
        (Hold("after", 2 * DAY), 2, True),
        (Hold("settled"), 2, False),
        (Hold("settled"), 3, True),
    ],
)
def test_a_hold_that_ended_afterwards_proves_it_too(hold: Hold, left: int, may: bool) -> None:
    assert said(trace(left_at=ADOPTED - left * DAY), hold) is may


def test_a_correction_of_what_nothing_happened_to_goes_on() -> None:
    known = trace(made_at=ADOPTED - 30 * DAY, left_at=ADOPTED - 40 * DAY)
    correction = message(kind=Kind.REVERSAL), message(revision=2)
    assert not any(said(known, what=each) for each in correction)


def test_but_not_before_everything_was_read() -> None:
    known = trace(made_at=ADOPTED - 30 * DAY, left_at=ADOPTED - 40 * DAY)
    assert said(known, what=message(revision=2), lost=LostTime(ADOPTED))


def test_nor_where_something_happened() -> None:
    known = trace(made_at=ADOPTED - 30 * DAY, left_at=ADOPTED - 40 * DAY, unsure=True)
    assert said(known, what=message(kind=Kind.REVERSAL))


def test_a_later_revision_of_what_a_person_has_settled_goes_on() -> None:
    assert not said(trace(), what=message(revision=2))
