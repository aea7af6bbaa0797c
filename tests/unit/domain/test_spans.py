from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.domain.spans import Span
from tests.unit.domain.stay_makers import reservation, stay


def span(arrival: int, end: int, departure: int | None = None) -> Span:
    days = (date(2026, 12, day) for day in (arrival, end, departure or end))
    return Span(*days)


def moment(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scheduled", "left", "expected"),
    [
        ((10, 12), 12, span(10, 12)),
        ((10, 12), 11, span(10, 11)),
        ((10, 12), 13, span(10, 12, 13)),
        ((10, 10), 10, span(10, 10)),
        ((10, 12), 9, span(10, 10)),
    ],
)
def test_a_span_ends_with_the_earlier_and_is_left_with_the_actual_end(
    scheduled: tuple[int, int], left: int, expected: Span
) -> None:
    begin, end = map(moment, scheduled)
    assert Span.of(
        stay(reservation=reservation(scheduled_start=begin, scheduled_end=end, actual_end=moment(left)))
    ) == (expected)


def test_the_days_are_the_propertys() -> None:
    late = reservation(scheduled_start=moment(9, 23), scheduled_end=moment(11, 23), actual_end=moment(11, 23))
    assert Span.of(stay(reservation=late)) == span(10, 12)


@pytest.mark.parametrize(
    ("one", "other", "overlap", "adjoin"),
    [
        (span(10, 12), span(10, 12), True, False),
        (span(10, 12), span(11, 14), True, False),
        (span(10, 14), span(11, 12), True, False),
        (span(10, 12), span(12, 14), False, True),
        (span(10, 12), span(13, 14), False, False),
        (span(10, 12, 13), span(13, 14), False, True),
        (span(10, 12, 13), span(12, 14), False, True),
        (span(10, 12), span(12, 12), False, True),
        (span(12, 12), span(12, 14), False, True),
        (span(11, 11), span(10, 12), True, False),
    ],
)
def test_how_two_lie_to_each_other(one: Span, other: Span, overlap: bool, adjoin: bool) -> None:
    assert (one.overlaps(other), other.overlaps(one)) == (overlap, overlap)
    assert (one.adjoins(other), other.adjoins(one)) == (adjoin, adjoin)


def test_two_day_uses_of_one_day_overlap() -> None:
    assert span(12, 12).overlaps(span(12, 12))
