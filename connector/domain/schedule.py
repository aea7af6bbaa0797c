"""When a job starts next, computed from its schedule."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)


def next_start(every: timedelta | time, zone: tzinfo, last_start: datetime | None, now: datetime) -> datetime:
    """Return when a running daemon starts a job next: an interval after its last start, or at the next time of day.

    ``every`` is the interval or the time of day in ``zone``. What should have started already starts now.
    """
    if isinstance(every, timedelta):
        return now if last_start is None else max(now, last_start + every)
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), every, zone).astimezone(UTC)  # else the hour shown twice would count as one
    return today if today > now else datetime.combine(local.date() + _DAY, every, zone).astimezone(UTC)
