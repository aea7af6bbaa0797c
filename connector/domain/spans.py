"""When a reservation lies on the hotel's calendar, and how two of them lie to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from connector.domain.calendar import business_date, departure
from connector.domain.stays import Stay

T = TypeVar("T")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``arrival`` to ``end`` the nights that count are slept (none: a day use); it was left on ``departure``.

    A guest who leaves late has a departure after the end, one who leaves early has both on the day of leaving.
    """

    arrival: date
    end: date
    departure: date

    @classmethod
    def of(cls, stay: Stay) -> Span:
        """Return the span of one reservation, property-local; raise Suspense where the time zone is unknown."""
        reservation, place = stay.reservation, stay.property
        arrival = business_date(reservation.scheduled_start, place)
        left = departure(reservation, place)
        end = min(business_date(reservation.scheduled_end, place), left)
        return cls(arrival, max(arrival, end), max(arrival, end, left))

    def nights(self) -> Iterator[date]:
        """Yield the days after which a night was slept."""
        for number in range((self.end - self.arrival).days):
            yield self.arrival + number * _DAY

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share a night, or one is a day use within the other or on the same day as another."""
        crossing = self.arrival < other.end and other.arrival < self.end
        return crossing or (self.arrival, self.end) == (other.arrival, other.end)

    def adjoins(self, other: Span) -> bool:
        """Tell whether one begins where the other ends: on its last day, or on the later one on which it was left."""
        return _follows(self, other) or _follows(other, self)


def components(things: Iterable[T], touch: Callable[[T, T], bool]) -> list[list[T]]:
    """Return the things in groups, each of which hangs together by those that touch; each in the order given."""
    groups: list[list[T]] = []
    for thing in things:
        near = [group for group in groups if any(touch(thing, each) for each in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(each for group in near for each in group), thing])
    return groups


def _follows(later: Span, earlier: Span) -> bool:
    return earlier.end <= later.arrival <= earlier.departure
