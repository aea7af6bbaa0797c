"""What the stays of a period would earn: decided as the job would, but nothing is kept and nothing sent.

Only reads, in short pages; what is held in memory does not grow with the period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import calendar
from connector.domain.caps import Given, counts_others
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Status, decide
from connector.domain.forecast import Difference, Differences, Forecast
from connector.domain.names import Stranger
from connector.domain.offers import OptIn
from connector.domain.stays import Stay
from connector.domain.stitching import join
from connector.jobs.contracts import Partnership
from connector.jobs.judging import outranked
from connector.jobs.names import with_ids
from connector.jobs.neighbours import neighbours
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.parties import Parties, Place, parties
from connector.jobs.periods import moments
from connector.jobs.seating import Sitting, sittings
from connector.jobs.tallies import Tally
from connector.store import ledger
from connector.store.departures import departures
from connector.store.engine import Database

_PAGE = 500
_NOT_READ = Decision(Status.WAITING, "items_not_read", "its order items are not read yet")


@dataclass(slots=True)
class Outlook:
    """What a period would earn by partner: under the present contracts, and under the others if there are any.

    ``strangers`` are names in the rules that mean nothing, or that no pass has read from Mews yet; ``unasked`` are the
    partners that were not asked what members opted in to, although rules depend on it.
    """

    present: dict[str, Forecast]
    other: dict[str, Forecast] = field(default_factory=dict)
    differences: dict[str, Differences] = field(default_factory=dict)
    strangers: list[Stranger] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)


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
    first, last = moments(*period)
    after = ""
    while True:
        async with database.read() as connection:
            page = await departures(connection, first, last, after, _PAGE)
            opened = await open_stays(connection, [each for each, _ in page])
            here = await _tables(connection, ours, opened, now)
            there = await _tables(connection, theirs, opened, now)
        if not page:
            return found
        known = dict(page)
        for each in _within(opened, period):
            _take(found, each, here, there, now, known=known[each.stay.reservation.id])
        after = page[-1][0]


@dataclass(frozen=True, slots=True)
class _Side:
    """A contract, and what members are given by it so far.

    Partners are not asked: ``fixed`` is what they said when stays were awarded (by reservation), and to no other offer
    anybody has opted in.
    """

    contract: Contract
    tally: Tally = field(default_factory=Tally)
    fixed: dict[str, Mapping[str, OptIn]] = field(default_factory=dict)

    def decision(self, stay: Stay, now: datetime) -> Decision:
        given = Given(self.tally.awards, stay.reservation.id)
        decision = decide(stay, self.contract, now, given=given)
        if not (asks := decision.asks):
            return decision
        fixed = self.fixed.get(stay.reservation.id, {})
        known = {offer: fixed.get(offer, OptIn(opted_in=False)) for offer in asks.offers}
        return decide(replace(stay, opt_ins={asks.number: known}), self.contract, now, given=given)

    def note(self, stay: Stay, decision: Decision) -> Decision:
        """Count what a stay gives for the caps of those after it."""
        if counts_others(self.contract.rules):
            self.tally.expect(None, stay.reservation.id, decision)
        return decision


async def _sides(database: Database, partnerships: Sequence[Partnership], found: Outlook) -> dict[str, _Side]:
    async with database.read() as connection:
        named, strangers = await with_ids(connection, partnerships)
    found.strangers += strangers
    found.unasked += [each.name for each in named if each.contract.asks_for_opt_ins]
    return {each.name: _Side(each.contract) for each in named}


@dataclass(frozen=True, slots=True)
class _Table:
    """A side, and how the stays of a page lie together under its contract."""

    side: _Side
    parties: Parties


async def _tables(
    connection: AsyncConnection, sides: Mapping[str, _Side], opened: Sequence[OpenStay], now: datetime
) -> dict[str, _Table]:
    found = {}
    for name, side in sides.items():
        side.fixed.clear()
        if side.contract.asks_for_opt_ins:
            ids = [each.stay.reservation.id for each in opened]
            awards = await ledger.awards_of(connection, name, ids)
            side.fixed.update({reservation: frozen.opt_ins for (reservation, _), (_, frozen) in awards.items()})
        beside = await neighbours(connection, side.contract, opened, ())
        places = [Place(each, sitting) for each in (*opened, *beside) for sitting in sittings(each, side.contract, {})]
        found[name] = _Table(side, parties(places, side.contract, {}, now))
    return found


def _within(opened: Sequence[OpenStay], period: tuple[date, date]) -> Iterator[OpenStay]:
    for each in opened:
        if period[0] <= calendar.day_left(each.stay.reservation, each.stay.property) <= period[1]:
            yield each


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
    if parts := table.parties.whole(place):
        return _as_part(place, join(parts, parts[0].reservation), table.side, now)
    stay = table.parties.stay(place)
    decision = outranked(table.side.decision(stay, now), table.parties.crowded.get(place.key))
    return table.side.note(stay, decision)


def _as_part(place: Place, whole: Stay, side: _Side, now: datetime) -> Decision:
    """Return what a reservation counts as that is part of a stay: its last one counts for all."""
    decision = side.decision(whole, now)
    last = max(whole.parts, key=lambda part: (part.reservation.departed_at, part.reservation.id))
    if last.reservation.id == place.key[0]:
        return side.note(whole, decision)
    return replace(decision, award=None, reason="part_of_stay")


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
