"""Hours in which nothing new is sent."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from connector.domain.quiet import QuietHours

VIENNA = ZoneInfo("Europe/Vienna")
NIGHT, NOON = QuietHours(time(22), time(6)), QuietHours(time(12), time(13, 30))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VIENNA)


@pytest.mark.parametrize(
    ("hours", "moment", "end"),
    [
        (NIGHT, at(2, 21, 59), None),
        (NIGHT, at(2, 22), at(3, 6)),
        (NIGHT, at(3, 0), at(3, 6)),
        (NIGHT, at(3, 5, 59), at(3, 6)),
        (NIGHT, at(3, 6), None),
        (NOON, at(3, 11, 59), None),
        (NOON, at(3, 12), at(3, 13, 30)),
        (NOON, at(3, 13, 30), None),
    ],
)
def test_they_end_at_their_time_of_day(hours: QuietHours, moment: datetime, end: datetime | None) -> None:
    assert hours.end_after(moment) == end


def test_in_the_hour_that_is_shown_twice_they_do_not_end_before_they_are_looked_at() -> None:
    hours, second = QuietHours(time(1), time(2, 30)), datetime(2026, 10, 25, 2, 10, tzinfo=VIENNA, fold=1)
    end = hours.end_after(second)
    assert end is not None
    assert end.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
