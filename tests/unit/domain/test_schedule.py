from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.schedule import next_start

VIENNA = ZoneInfo("Europe/Vienna")
FIVE = timedelta(minutes=5)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (at(3, 11, 58), at(3, 12, 3)),
        (at(3, 11, 55), at(3, 12)),
        (at(3, 6), at(3, 12)),  # what should have started already starts now
        (None, at(3, 12)),
    ],
)
def test_a_job_with_an_interval_starts_an_interval_after_its_last_start(
    last: datetime | None, expected: datetime
) -> None:
    assert next_start(FIVE, VIENNA, last, at(3, 12)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(3, 4), at(3, 5, 30)),
        (at(3, 5, 30), at(4, 5, 30)),
        (at(3, 23, 30), at(4, 5, 30)),  # already the fourth in Vienna
        (at(24, 12, month=10), at(25, 5, 30, month=10)),  # the clocks go back in that night
        (at(23, 12, month=10), at(24, 4, 30, month=10)),
    ],
)
def test_a_job_with_a_time_of_day_starts_when_clocks_of_the_chain_show_it(now: datetime, expected: datetime) -> None:
    assert next_start(time(6, 30), VIENNA, None, now) == expected


def test_in_the_hour_that_is_shown_twice_the_next_start_is_not_one_that_is_over() -> None:
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    assert next_start(time(2, 30), VIENNA, None, now) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
