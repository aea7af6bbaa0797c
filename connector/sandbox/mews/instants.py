"""Moments as Mews writes them: UTC, ISO 8601, whole seconds, so that their texts sort like the times."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from connector.sandbox.mews.refusals import Refused

_TEXT = len("2026-01-01T00:00:00Z")


def wire(moment: datetime) -> str:
    """Write a moment as ``YYYY-MM-DDThh:mm:ssZ``; fractions of a second are dropped."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str, path: str = "a time") -> datetime:
    """Read a UTC moment; raises Refused, naming ``path``, when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"Invalid value of '{path}': a time such as 2026-01-31T00:00:00Z is expected.") from None
    if moment.utcoffset() != timedelta(0):
        raise Refused(f"Invalid value of '{path}': a time in UTC, ending in Z, is expected.")
    return moment


def canonical(text: str) -> str:
    """Bring a record's time to whole seconds."""
    return text if len(text) == _TEXT and text.endswith("Z") else wire(parse(text))


def boundary(text: str) -> str:
    """Round a boundary up to a whole second; records have whole seconds, so none lies between."""
    moment = parse(text)
    return wire(moment + timedelta(seconds=1) if moment.microsecond else moment)


def three_months_after(moment: datetime) -> datetime:
    """Return the latest end of an interval that starts at ``moment``."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + 3, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
