"""What a cluster of stays is counted as while it is decided."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.awards import Award
from connector.domain.decision import Decision, Status
from connector.jobs.tallies import Tally

DAY, NUMBER = date(2026, 12, 12), "992003669288601"
HELD = Award("a1", "mm", "r1", "owner", "MM", "m1", NUMBER, "p1", DAY, "miles", 100, 1)


@pytest.mark.parametrize(
    ("status", "left"), [(Status.SUSPENDED, 100), (Status.WAITING, 100), (Status.EXCLUDED, 0), (Status.AWARDED, 0)]
)
def test_an_award_counts_on_until_it_is_known_what_takes_its_place(status: Status, left: int) -> None:
    books = Tally({NUMBER: {"a1": (DAY, 100)}})
    draft = books.draft()
    draft.expect(HELD, "r1", Decision(status, "reason", "text"))
    assert draft.beside(None).beside(NUMBER, DAY).day == left
    assert books.beside(None).beside(NUMBER, DAY).day == 100
