"""What the stays of a period would earn: decided as the job would, but nothing is kept and nothing sent.

Only reads, in short pages; what is held in memory does not grow with the period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import calendar
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Status, decide
from connector.domain.forecast import Difference, Differences, Forecast
from connector.domain.ruling import Suspense
from connector.domain.stays import Stay
from connector.domain.stitching import join
from connector.jobs.contracts import Partnership
from connector.jobs.judging import outranked
from connector.jobs.neighbours import neighbours
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.parties import Parties, Place, parties
from connector.jobs.seating import Sitting, sittings
from connector.store.departures import departures
from connector.store.engine import Database

_PAGE = 500
_SLACK = timedelta(days=2)  # no time zone and no closing offset moves a business day further
_NOT_READ = Decision(Status.WAITING, "items_not_read", "its order items are not read yet")


@dataclass(slots=True)
class Outlook:
    """What a period would earn by partner: under the present contracts, and under the others if there are any."""

    present: dict[str, Forecast]
    other: dict[str, Forecast] = field(default_factory=dict)
    differences: dict[str, Differences] = field(default_factory=dict)


async def outlook(
    database: Database,
    period: tuple[date, date],
    present: Sequence[Partnership],
    other: Sequence[Partnership] | None,
    now: datetime,
    most: int,
) -> Outlook:
    """Decide every stay that departed in the period (inclusive, property-local), as if none had been decided yet.

    With ``other`` contracts the partners are compared by name; a partner that one side lacks gives nothing there.
    """
    found = Outlook({each.name: Forecast(each.price_per_mile) for each in present})
    if other is not None:
        found.other = {each.name: Forecast(each.price_per_mile) for each in other}
        found.differences = {name: Differences(most) for name in {**found.present, **found.other}}
    first = datetime.combine(period[0], time(), UTC) - _SLACK
    last = datetime.combine(period[1], time(), UTC) + _SLACK
    after = ""
    while True:
        async with database.read() as connection:
            page = await departures(connection, first, last, after, _PAGE)
            opened = await open_stays(connection, [each for each, _ in page])
            ours = await _tables(connection, present, opened, now)
            theirs = await _tables(connection, other or (), opened, now)
        if not page:
            return found
        known = dict(page)
        for each in _within(opened, period):
            _take(found, each, ours, theirs, now, known=known[each.stay.reservation.id])
        after = page[-1][0]


@dataclass(frozen=True, slots=True)
class _Table:
    """A contract, and what lies beside the stays of a page under it."""

    contract: Contract
    parties: Parties


async def _tables(
    connection: AsyncConnection, partnerships: Sequence[Partnership], opened: Sequence[OpenStay], now: datetime
) -> dict[str, _Table]:
    found = {}
    for contract in (each.contract for each in partnerships):
        beside = await neighbours(connection, contract, opened, ())
        places = [Place(each, sitting) for each in (*opened, *beside) for sitting in sittings(each, contract, {})]
        found[contract.name] = _Table(contract, parties(places, contract, {}, now))
    return found


def _within(opened: Sequence[OpenStay], period: tuple[date, date]) -> Iterator[OpenStay]:
    for each in opened:
        if period[0] <= _departure(each.stay) <= period[1]:
            yield each


def _departure(stay: Stay) -> date:
    try:
        return calendar.departure(stay.reservation, stay.property)
    except Suspense:  # a time zone that nobody knows: the stay is suspended for that, on its UTC day
        return stay.reservation.departed_at.date()


def _take(
    found: Outlook,
    each: OpenStay,
    ours: Mapping[str, _Table],
    theirs: Mapping[str, _Table],
    now: datetime,
    *,
    known: bool,
) -> None:
    here = {name: _decision(each, table, now, known=known) for name, table in ours.items()}
    there = {name: _decision(each, table, now, known=known) for name, table in theirs.items()}
    place = each.stay.property.table
    for name, decision in here.items():
        found.present[name].add(place, decision)
    for name, decision in there.items():
        found.other[name].add(place, decision)
    for name, differences in found.differences.items():
        differences.add(_difference(each.stay, here.get(name), there.get(name)))


def _decision(each: OpenStay, table: _Table, now: datetime, *, known: bool) -> Decision:
    if not known:
        return _NOT_READ
    if each.unreadable:
        return Decision(Status.SUSPENDED, "unreadable", each.unreadable)
    place = Place(each, Sitting(each.stay))
    if stay := table.parties.whole(place):
        decision = decide(join(stay, stay[0].reservation), table.contract, now)
        last = max(stay, key=lambda part: (part.reservation.departed_at, part.reservation.id))
        return decision if last.reservation.id == place.key[0] else replace(decision, award=None, reason="part_of_stay")
    return outranked(decide(table.parties.stay(place), table.contract, now), table.parties.crowded.get(place.key))


def _difference(stay: Stay, here: Decision | None, there: Decision | None) -> Difference:
    miles, other = _miles(here), _miles(there)
    return Difference(
        size=abs(other - miles),
        number=stay.reservation.number,
        reservation_id=stay.reservation.id,
        place=stay.property.table,
        departure=_departure(stay),
        miles=miles,
        other_miles=other,
        text=here.text if here else "no such partner",
        other_text=there.text if there else "no such partner",
    )


def _miles(decision: Decision | None) -> int:
    return decision.award.miles if decision and decision.award else 0
