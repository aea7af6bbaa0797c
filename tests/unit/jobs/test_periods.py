"""Days and the moments around them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connector.jobs.periods import moments


def test_no_time_zone_lies_outside() -> None:
    assert moments(date(2026, 3, 1), date(2026, 3, 31)) == (
        datetime(2026, 2, 27, tzinfo=UTC),
        datetime(2026, 4, 2, tzinfo=UTC),
    )


def test_the_ends_of_the_calendar_are_days_too() -> None:
    first, last = moments(date.min, date.max)
    assert (first.date(), last.date()) == (date.min, date.max)
