"""The figures of a period: of closed months as they were closed, of the others as they stand now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from connector.domain.months import By, last_day, month_after, month_of
from connector.domain.reconciliation import NOTHING, Calendar, Figures, Slot, add
from connector.store import closings
from connector.store.closings import Closed
from connector.store.engine import Database
from connector.store.movements import Choice, files

Prices = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: days (inclusive; whole months where they are told by month), of one partner or property."""

    by: By = "month"
    first: date = date.min
    last: date = date.max
    partner: str | None = None
    property_id: str | None = None

    def takes(self, slot: Slot) -> bool:
        """Tell whether figures are asked for."""
        partner, place = self.partner, self.property_id
        return partner in (None, slot.partner) and place in (None, slot.property_id)


@dataclass(frozen=True, slots=True)
class Line:
    """Figures with what a mile costs; ``closed``: they are locked."""

    slot: Slot
    figures: Figures
    price: Decimal | None
    closed: bool


async def lines(database: Database, zone: tzinfo, wanted: Wanted, prices: Prices) -> list[Line]:
    """Return the figures of a period, in the order of their slots; those of which nothing is left are not told."""
    async with database.read() as connection:
        last = await closings.last(connection)
        closed = [each for each in await closings.closed(connection) if wanted.takes(each.slot)]
    calendar = Calendar(zone, date.min if last is None else month_after(last))
    if wanted.by == "day":
        found = await _by_day(database, calendar, wanted, closed, prices)
    else:
        found = await _by_month(database, calendar, wanted, closed, prices)
    return sorted((each for each in found if each.figures != NOTHING), key=_place)


def _place(line: Line) -> tuple[date, str, str, str, bool]:
    slot = line.slot
    return slot.period, slot.partner, slot.property_id, slot.currency, slot.adjustment


async def _by_month(
    database: Database, calendar: Calendar, wanted: Wanted, closed: list[Closed], prices: Prices
) -> list[Line]:
    first, last = month_of(wanted.first), last_day(month_of(wanted.last)) if wanted.last < date.max else date.max
    kept = [Line(e.slot, e.figures, e.price, closed=True) for e in closed if first <= e.slot.period <= last]
    open_ = replace(wanted, first=max(first, calendar.open_from), last=last)
    sums = await summed(database, calendar, open_, month_of) if open_.first <= open_.last else {}
    return kept + [Line(slot, each, prices.get(slot.partner), closed=False) for slot, each in sums.items()]


async def _by_day(
    database: Database, calendar: Calendar, wanted: Wanted, closed: list[Closed], prices: Prices
) -> list[Line]:
    then = {each.slot: each.price for each in closed}
    found = []
    for slot, each in (await summed(database, calendar, wanted, _same)).items():
        is_closed = slot.period < calendar.open_from
        month = slot._replace(period=month_of(slot.period))
        price = then.get(month) if is_closed else prices.get(slot.partner)
        found.append(Line(slot, each, price, is_closed))
    return found


def _same(day: date) -> date:
    return day


async def summed(
    database: Database, calendar: Calendar, wanted: Wanted, period: Callable[[date], date]
) -> dict[Slot, Figures]:
    """Return the sums of what counts on the wanted days, by slot; the awards themselves are not kept."""
    sums: dict[Slot, Figures] = {}
    async for file in files(database, _choice(calendar, wanted)):
        add(sums, file, calendar, lambda _, day: period(day) if wanted.first <= day <= wanted.last else None)
    return sums


def _choice(calendar: Calendar, wanted: Wanted) -> Choice:
    chosen = Choice(partner=wanted.partner, property_id=wanted.property_id)
    if wanted.last < date.max:
        chosen = replace(chosen, last=wanted.last)
    if wanted.first == date.min:
        return chosen
    # a line that was written while its month was closed counts a moment later than it says
    return replace(chosen, first=wanted.first, since=midnight(wanted.first, calendar.zone) - timedelta(days=1))


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment at which a day begins."""
    return datetime.combine(day, time(), zone)
