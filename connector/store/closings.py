"""Closed months: which they are, what they came to, and the lines of history that they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.months import last_day
from connector.domain.reconciliation import NOTHING, Calendar, Entry, Figures, Slot, add
from connector.store.codec import decode, encode
from connector.store.movements import Choice, page_of
from connector.store.rows import insert_rows, table
from connector.store.tables import closings as tables
from connector.store.tables import ledger

_CLOSING, _FIGURES = table(tables.Closing), table(tables.ClosedFigures)
_AWARD, _HISTORY = table(ledger.Award), table(ledger.History)


@dataclass(frozen=True, slots=True)
class Closed:
    """Figures of a closed month with the price of a mile at that time (None: not known)."""

    slot: Slot
    figures: Figures
    price: Decimal | None


async def last(connection: AsyncConnection) -> date | None:
    """Return the last closed month; every one before it is closed too."""
    month: date | None = (await connection.execute(select(func.max(_CLOSING.c.month)))).scalar_one()
    return month


async def first_departure(connection: AsyncConnection) -> date | None:
    """Return the earliest departure of any award."""
    day: date | None = (await connection.execute(select(func.min(_AWARD.c.departure)))).scalar_one()
    return day


async def stamp(connection: AsyncConnection, month: date, end: datetime) -> None:
    """Count in a month what no month holds yet: all about its departures, and what happened before ``end`` about
    earlier ones.

    Whoever writes a line meanwhile adds it unstamped, so that a later month takes it.
    """
    unstamped = update(_HISTORY).where(_HISTORY.c.month.is_(None)).values(month=month)
    awards = select(_AWARD.c.id)
    own = awards.where(_AWARD.c.departure >= month, _AWARD.c.departure <= last_day(month))
    earlier = awards.where(_AWARD.c.departure < month)
    await connection.execute(unstamped.where(_HISTORY.c.award_id.in_(own)))
    await connection.execute(unstamped.where(_HISTORY.c.award_id.in_(earlier), _HISTORY.c.at < end))


async def sums(connection: AsyncConnection, month: date) -> dict[Slot, Figures]:
    """Return what the lines of history that a closed month holds come to."""
    found: dict[Slot, Figures] = {}

    def within(entry: Entry, _: date) -> date | None:
        return month if entry.month == month else None

    after = ""
    while page := await page_of(connection, Choice(month=month), after):
        for file in page:
            add(found, file, Calendar(UTC), within)  # by whose clock an adjustment is dated does not matter here
        after = page[-1].award_id
    return found


async def altered(connection: AsyncConnection) -> list[Slot]:
    """Return where a closed month does not come to what it was closed with, although nothing may change it."""
    months: dict[date, dict[Slot, Figures]] = {}
    for each in await closed(connection):
        months.setdefault(each.slot.period, {})[each.slot] = each.figures
    faults: list[Slot] = []
    for month, stored in months.items():
        now = await sums(connection, month)
        faults += [slot for slot in stored | now if stored.get(slot, NOTHING) != now.get(slot, NOTHING)]
    return faults


async def close(
    connection: AsyncConnection,
    month: date,
    figures: Mapping[Slot, Figures],
    prices: Mapping[str, Decimal | None],
    now: datetime,
    by: str,
) -> None:
    """Store a month as closed with its figures; one that is closed already is an IntegrityError."""
    await insert_rows(connection, tables.Closing, [{"month": month, "closed_at": now, "closed_by": by}])
    rows = [
        {
            "month": month,
            "partner": slot.partner,
            "property_id": slot.property_id,
            "currency": slot.currency,
            "adjustment": slot.adjustment,
            "figures": encode(found),
            "price": None if (price := prices.get(slot.partner)) is None else str(price),
        }
        for slot, found in figures.items()
    ]
    await insert_rows(connection, tables.ClosedFigures, rows)


async def closed(connection: AsyncConnection, months: Iterable[date] | None = None) -> list[Closed]:
    """Return the figures of closed months, of all or of those named."""
    statement = select(_FIGURES).order_by(_FIGURES.c.month, _FIGURES.c.partner, _FIGURES.c.property_id)
    if months is not None:
        statement = statement.where(_FIGURES.c.month.in_(list(months)))
    return [
        Closed(
            Slot(row.month, row.partner, row.property_id, row.currency, row.adjustment),
            decode(Figures, row.figures),
            None if row.price is None else Decimal(row.price),
        )
        for row in await connection.execute(statement)
    ]
