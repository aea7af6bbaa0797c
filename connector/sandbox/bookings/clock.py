"""When things happened: the days of the bookings, moved so that the last check-out was yesterday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .bookings import Bookings

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """``shift`` moves the days of the file; ``now`` is the midnight (UTC) that begins today."""

    shift: timedelta
    now: datetime
    opened: datetime

    @classmethod
    def over(cls, bookings: Bookings, today: date) -> Clock:
        """The chain opened thirty days before its first booking was made."""
        now = datetime.combine(today, time(), UTC)
        shift = today - DAY - bookings.last_departure
        return cls(shift, now, datetime.combine(bookings.first_booked + shift, time(), UTC) - 30 * DAY)

    def at(self, zone: ZoneInfo, day: date, seconds: int) -> datetime:
        """UTC of the wall clock that shows ``seconds`` after midnight on the moved ``day`` in ``zone``."""
        local = datetime.combine(day + self.shift, time(), zone) + timedelta(seconds=seconds)
        return local.astimezone(UTC)

    def past(self, moment: datetime) -> datetime:
        """``moment``, or the last second before today."""
        return min(moment, self.now - timedelta(seconds=1))


@lru_cache(maxsize=1024)
def stamp(moment: datetime) -> str:
    """``YYYY-MM-DDThh:mm:ssZ``, as Mews writes times (whole seconds)."""
    return f"{moment.isoformat()[:19]}Z"
