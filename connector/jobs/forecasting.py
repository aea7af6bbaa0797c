"""What the stays of a period would earn: decided as the job would, but nothing is kept and nothing sent.

Only reads, in short pages; what is held in memory does not grow with the period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from connector.domain import calendar
from connector.domain.caps import counts_others
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Status, decide
from connector.domain.forecast import Difference, Differences, Forecast
from connector.domain.names import Stranger
from connector.domain.stays import Stay
from connector.jobs.contracts import Partnership
from connector.jobs.names import with_ids
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.tallies import Tally
from connector.store.departures import departures
from connector.store.engine import Database

_PAGE = 500
_SLACK = timedelta(days=2)  # no time zone and no closing offset moves a business day further
_NOT_READ = Decision(Status.WAITING, "items_not_read", "its order items are not read yet")


@dataclass(slots=True)
class Outlook:
    """What a period would earn by partner: under the present contracts, and under the others if there are any.

    ``strangers`` are names in the rules that mean nothing, or that no pass has read from Mews yet.
    """

    present: dict[str, Forecast]
    other: dict[str, Forecast] = field(default_factory=dict)
    differences: dict[str, Differences] = field(default_factory=dict)
    strangers: list[Stranger] = field(default_factory=list)


async def outlook(
    database: Database,
    period: tuple[date, date],
    present: Sequence[Partnership],
    other: Sequence[Partnership] | None,
    now: datetime,
    most: int,
) -> Outlook:
    """Decide every stay that departed in the period (inclusive, property-local), as if none had been decided yet.

    Caps per day and year count the stays of the period, in the order of their ids.
    With ``other`` contracts the partners are compared by name; a partner that one side lacks gives nothing there.
    """
    found = Outlook({each.name: Forecast(each.price_per_mile) for each in present})
    if other is not None:
        found.other = {each.name: Forecast(each.price_per_mile) for each in other}
        found.differences = {name: Differences(most) for name in {**found.present, **found.other}}
    ours, theirs = await _sides(database, present, found), await _sides(database, other or (), found)
    first = datetime.combine(period[0], time(), UTC) - _SLACK
    last = datetime.combine(period[1], time(), UTC) + _SLACK
    after = ""
    while True:
        async with database.read() as connection:
            page = await departures(connection, first, last, after, _PAGE)
            opened = await open_stays(connection, [each for each, _ in page])
        if not page:
            return found
        known = dict(page)
        for each in _within(opened, period):
            _take(found, each, ours, theirs, now, known=known[each.stay.reservation.id])
        after = page[-1][0]


@dataclass(frozen=True, slots=True)
class _Side:
    """A contract, and what members are given by it so far."""

    contract: Contract
    tally: Tally = field(default_factory=Tally)

    def decision(self, stay: Stay, now: datetime) -> Decision:
        found = decide(stay, self.contract, now, given=self.tally.beside(None))
        if found.award is not None and counts_others(self.contract.rules):
            award = found.award
            self.tally.take(award.member_number, stay.reservation.id, award.departure, award.miles)
        return found


async def _sides(database: Database, partnerships: Sequence[Partnership], found: Outlook) -> dict[str, _Side]:
    async with database.read() as connection:
        named, strangers = await with_ids(connection, partnerships)
    found.strangers += strangers
    return {each.name: _Side(each.contract) for each in named}


def _within(opened: Sequence[OpenStay], period: tuple[date, date]) -> Iterator[OpenStay]:
    for each in opened:
        if period[0] <= calendar.day_left(each.stay.reservation, each.stay.property) <= period[1]:
            yield each


def _take(
    found: Outlook,
    each: OpenStay,
    ours: Mapping[str, _Side],
    theirs: Mapping[str, _Side],
    now: datetime,
    *,
    known: bool,
) -> None:
    here = {name: _decision(each, side, now, known=known) for name, side in ours.items()}
    there = {name: _decision(each, side, now, known=known) for name, side in theirs.items()}
    place = each.stay.property.table
    for name, decision in here.items():
        found.present[name].add(place, decision)
    for name, decision in there.items():
        found.other[name].add(place, decision)
    for name, differences in found.differences.items():
        differences.add(_difference(each.stay, here.get(name), there.get(name)))


def _decision(each: OpenStay, side: _Side, now: datetime, *, known: bool) -> Decision:
    if not known:
        return _NOT_READ
    if each.unreadable:
        return Decision(Status.SUSPENDED, "unreadable", each.unreadable)
    return side.decision(each.stay, now)


def _difference(stay: Stay, here: Decision | None, there: Decision | None) -> Difference:
    miles, other = _miles(here), _miles(there)
    return Difference(
        size=abs(other - miles),
        number=stay.reservation.number,
        reservation_id=stay.reservation.id,
        place=stay.property.table,
        departure=calendar.day_left(stay.reservation, stay.property),
        miles=miles,
        other_miles=other,
        text=here.text if here else "no such partner",
        other_text=there.text if there else "no such partner",
    )


def _miles(decision: Decision | None) -> int:
    return decision.award.miles if decision and decision.award else 0
