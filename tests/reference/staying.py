"""Which of a guest's bookings at one hotel earn, and which are one stay, found a second time: naively, night by night.

Like ``earning`` it is written from the words of the contract and shares nothing with the connector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Booking:
    """One booking that was checked out; a lower ``booked`` was booked earlier."""

    id: str
    booked: int
    arrival: date
    scheduled_departure: date
    left: date

    @property
    def end(self) -> date:
        """The day after the last night that counts."""
        return max(self.arrival, min(self.scheduled_departure, self.left))

    @property
    def gone(self) -> date:
        """The day on which the room was left."""
        return max(self.end, self.left)

    def occupies(self, day: date) -> bool:
        """Tell whether the night after a day was slept here."""
        return self.arrival <= day < self.end

    def nights(self) -> list[date]:
        """Return the days after which a night was slept."""
        return [self.arrival + timedelta(days=n) for n in range((self.end - self.arrival).days)]


def stays(bookings: Sequence[Booking], most: int) -> list[list[Booking]]:
    """Return the stays of one guest: of rooms on the same night the first ``most`` that were booked; joined where
    one begins on the day on which another ends, or while it lasts.
    """
    found: list[list[Booking]] = []
    for booking in sorted(earning(bookings, most), key=lambda each: each.arrival):
        touching = [stay for stay in found if any(_together(booking, each) for each in stay)]
        found = [stay for stay in found if stay not in touching]
        found.append([*(each for stay in touching for each in stay), booking])
    return found


def earning(bookings: Sequence[Booking], most: int) -> list[Booking]:
    """Return the rooms that earn: on no night are there more than ``most`` of them; a day use shares its day."""
    taken: list[Booking] = []
    for booking in sorted(bookings, key=lambda each: (each.booked, each.id)):
        beside = [each for each in taken if _same_time(each, booking)]
        fullest = max((sum(_there(each, day) for each in beside) for day in booking.nights()), default=len(beside))
        if fullest < most:
            taken.append(booking)
    return taken


def _there(booking: Booking, day: date) -> bool:
    return booking.occupies(day) or (booking.arrival == booking.end == day)


def _same_time(one: Booking, other: Booking) -> bool:
    if one.arrival == one.end and other.arrival == other.end:
        return one.arrival == other.arrival
    return one.arrival < other.end and other.arrival < one.end


def _together(one: Booking, other: Booking) -> bool:
    first, second = sorted((one, other), key=lambda each: (each.arrival, each.end))
    return _same_time(one, other) or first.end <= second.arrival <= first.gone
