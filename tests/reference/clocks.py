"""Clocks of five places by the rules that their laws state, without any table of time zones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

SUNDAY = 6
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A zone's standard offset, what summer adds, and the UTC moments at which a year's summer begins and ends."""

    zone: str
    standard: timedelta
    summer: timedelta = timedelta(0)
    begins: Callable[[int], datetime] | None = None
    ends: Callable[[int], datetime] | None = None

    def offset(self, moment: datetime) -> timedelta:
        """Return how far the clocks are ahead of UTC."""
        if self.begins is None or self.ends is None:
            return self.standard
        begin, end = self.begins(moment.year), self.ends(moment.year)
        within = begin <= moment < end if begin < end else not end <= moment < begin
        return self.standard + (self.summer if within else timedelta(0))

    def wall(self, moment: datetime) -> datetime:
        """Return what the clocks show, without a zone."""
        return moment.replace(tzinfo=None) + self.offset(moment)

    def moments(self, wall: datetime) -> list[datetime]:
        """Return when the clocks show that: twice in the hour that is repeated, never in the one that is left out."""
        offsets = sorted({self.standard, self.standard + self.summer}, reverse=True)
        found = [(wall - offset).replace(tzinfo=UTC) for offset in offsets]
        return [each for each in found if self.wall(each) == wall]


def sunday(year: int, month: int, number: int) -> date:
    """Return the first (1), second (2) or last (-1) Sunday of a month."""
    if number < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - SUNDAY) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(SUNDAY - first.weekday()) % 7 + 7 * (number - 1))


def _at(day: date, hours: float) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


PLACES: Mapping[str, Place] = {
    each.zone: each
    for each in (
        # both at 01:00 UTC (Directive 2000/84/EC)
        Place("Europe/Vienna", HOUR, HOUR, lambda y: _at(sunday(y, 3, -1), 1), lambda y: _at(sunday(y, 10, -1), 1)),
        # at 02:00 of the clocks, second Sunday of March to first Sunday of November
        Place(
            "America/Toronto", -5 * HOUR, HOUR, lambda y: _at(sunday(y, 3, 2), 7), lambda y: _at(sunday(y, 11, 1), 6)
        ),
        Place(
            "America/St_Johns",
            -3.5 * HOUR,
            HOUR,
            lambda y: _at(sunday(y, 3, 2), 5.5),
            lambda y: _at(sunday(y, 11, 1), 4.5),
        ),
        # half an hour only, at 02:00 of the clocks, first Sunday of October to first Sunday of April
        Place(
            "Australia/Lord_Howe",
            10.5 * HOUR,
            HOUR / 2,
            lambda y: _at(sunday(y, 10, 1), 2 - 10.5),
            lambda y: _at(sunday(y, 4, 1), 2 - 11),
        ),
        # none since 2021
        Place("Pacific/Apia", 13 * HOUR),
    )
}
