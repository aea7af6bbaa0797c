"""Months, each by its first day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

By = Literal["day", "month"]


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return month_of(month_of(month) + timedelta(days=31))


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month_after(month) - timedelta(days=1)
