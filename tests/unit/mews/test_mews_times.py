"""Moments, dates and intervals in Mews's writing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from connector.mews.times import Interval, read_date, read_moment, write_date, write_moment

TEN = datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_a_moment_is_written_in_utc_and_whole_seconds() -> None:
    local = datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert write_moment(local) == "2026-01-31T10:00:00Z"


def test_an_interval_never_gets_narrower_by_rounding() -> None:
    interval = Interval(TEN.replace(microsecond=900_000), TEN.replace(second=5, microsecond=1))
    assert interval.body() == {"StartUtc": "2026-01-31T10:00:00Z", "EndUtc": "2026-01-31T10:00:06Z"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T10:00:00Z",
        "2026-01-31T10:00:00.0000000Z",
        "2026-01-31T12:00:00+02:00",
        "2026-01-31T10:00:00",
    ],
)
def test_a_moment_is_read_in_every_writing_of_it(text: str) -> None:
    assert read_moment(text) == TEN
    assert read_moment(text).tzinfo == UTC


@pytest.mark.parametrize("text", ["2027-03-31", "2027-03-31T00:00:00Z", "2027-03-31T22:00:00.000Z"])
def test_a_date_may_be_written_as_a_date_or_as_a_moment(text: str) -> None:
    assert read_date(text) == date(2027, 3, 31)


def test_a_date_is_written_as_midnight_utc_and_read_back_as_itself() -> None:
    assert write_date(date(2027, 3, 31)) == "2027-03-31T00:00:00Z"
    assert read_date(write_date(date(2027, 3, 31))) == date(2027, 3, 31)
