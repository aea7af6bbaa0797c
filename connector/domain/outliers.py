"""A property that gives far more miles in a day than it usually does: a wrong rule or rate shows there first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

DAYS = 28  # that tell what is usual
LEAST_DAYS = 7  # of them with miles, below which nothing is usual yet


@dataclass(frozen=True, slots=True)
class Bounds:
    """A day is an outlier above ``factor`` times the median day and above ``minimum`` miles; a factor of 0: never."""

    factor: int = 0
    minimum: int = 0


def usual(days: Sequence[int]) -> int | None:
    """Return the median of the days on which miles were given; None while there are too few of them."""
    given = [miles for miles in days if miles > 0]
    return int(median(given)) if len(given) >= LEAST_DAYS else None


def is_outlier(today: int, days: Sequence[int], bounds: Bounds) -> bool:
    """Tell whether the miles of today are far above those of the days before."""
    median_day = usual(days)
    if not bounds.factor or median_day is None:
        return False
    return today > bounds.minimum and today > bounds.factor * median_day
