"""Moments and intervals as Mews writes them: UTC, ISO-8601, whole seconds (Connector API, "Time filters")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Interval:
    """A time filter; both ends are aware. Mews refuses more than three months."""

    start: datetime
    end: datetime

    def body(self) -> dict[str, str]:
        """Return the filter as Mews wants it; a fraction of a second widens it, never narrows it."""
        return {"StartUtc": write_moment(self.start), "EndUtc": write_moment(_rounded_up(self.end))}


def write_moment(moment: datetime) -> str:
    """Write an aware moment as ``YYYY-MM-DDThh:mm:ssZ``; a fraction of a second is cut off."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_date(day: date) -> str:
    """Write a calendar date as midnight UTC: Mews takes every time in that one form, dates included."""
    return f"{day.isoformat()}T00:00:00Z"


def read_moment(text: str) -> datetime:
    """Read a moment; a fraction is tolerated, and UTC is meant where no offset stands. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@lru_cache(maxsize=4096)
def read_date(text: str) -> date:
    """Read the calendar date of a date or of a date-time, as it is written there. Raises ValueError.

    A chain's memberships expire on a few days only, so that most are read already.
    """
    return datetime.fromisoformat(text).date()


def _rounded_up(moment: datetime) -> datetime:
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)
