"""Days as guests depart on them, and the moments between which all of those lie."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

_SLACK = timedelta(days=2)  # no time zone and no closing offset moves a business day further


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """Return a moment before every departure on these days, and one after, wherever the property is."""
    begin, end = max(first, date.min + _SLACK), min(last, date.max - _SLACK)
    return datetime.combine(begin, time(), UTC) - _SLACK, datetime.combine(end, time(), UTC) + _SLACK
