"""Properties that give far more miles in a day than they usually do: what each gives, and which of them wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN, OPEN_LANE, State
from connector.store import suspense
from connector.store.rows import insert, table
from connector.store.tables.ledger import Award, Message
from connector.store.tables.running import Pause

_AWARD, _MESSAGE, _PAUSE = table(Award), table(Message), table(Pause)
OUTLIER = "outlier"  # the reason of a paused property's case
_COUNTED = (*GIVEN, *OPEN_LANE, State.SUSPENDED)


async def today(connection: AsyncConnection, partner: str, midnight: datetime, now: datetime) -> dict[str, int]:
    """Return the miles of each property's credits: sent for the first time since ``midnight``, or about to be."""
    sent = and_(_MESSAGE.c.state.in_(_COUNTED), _MESSAGE.c.first_sent_at >= midnight)
    waiting = and_(_MESSAGE.c.state == State.READY, _MESSAGE.c.due_at <= now, _MESSAGE.c.last_sent_at.is_(None))
    rows = await connection.execute(
        _credits(partner, or_(sent, waiting)).add_columns(func.sum(_MESSAGE.c.miles)).group_by(_AWARD.c.property_id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def days_before(
    connection: AsyncConnection, partner: str, property_id: str, midnights: Sequence[datetime]
) -> list[int]:
    """Return the miles of a property's credits on each day, by their first send; ``midnights`` end the last one."""
    moment = _MESSAGE.c.first_sent_at
    day = case(*((moment < end, literal(n)) for n, end in enumerate(midnights[1:])))
    within = and_(moment >= midnights[0], moment < midnights[-1], _AWARD.c.property_id == property_id)
    rows = await connection.execute(
        _credits(partner, and_(_MESSAGE.c.state.in_(_COUNTED), within))
        .add_columns(day, func.sum(_MESSAGE.c.miles))
        .group_by(_AWARD.c.property_id, day)
    )
    miles = {row[1]: int(row[2]) for row in rows}
    return [miles.get(n, 0) for n in range(len(midnights) - 1)]


def _credits(partner: str, condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_AWARD.c.property_id)
        .join_from(_MESSAGE, _AWARD, _AWARD.c.id == _MESSAGE.c.award_id)
        .where(_MESSAGE.c.partner == partner, _MESSAGE.c.kind == Kind.CREDIT, condition)
    )


async def pause(connection: AsyncConnection, partner: str, property_id: str, day: date, now: datetime) -> None:
    """Let a property wait because of a day; one that was released for that day stays so."""
    row = {"partner": partner, "property_id": property_id, "day": day, "paused_at": now}
    await connection.execute(insert(connection, _PAUSE).values(row).on_conflict_do_nothing())


async def release(
    connection: AsyncConnection, partner: str, property_id: str, day: date, now: datetime, *, by: str, note: str
) -> bool:
    """Let a property go on, whatever else it gives on ``day``, and close its case; tell whether it was paused."""
    word = {"released_at": now, "released_by": by, "note": note}
    waiting = and_(_PAUSE.c.partner == partner, _PAUSE.c.property_id == property_id, _PAUSE.c.released_at.is_(None))
    ended = await connection.execute(update(_PAUSE).where(waiting).values(word))
    if not ended.rowcount:
        return False
    await pause(connection, partner, property_id, day, now)
    await connection.execute(update(_PAUSE).where(waiting).values(word))
    await suspense.close_cases(connection, "property", [property_id], now, partner=partner, reasons=[OUTLIER])
    return True


async def paused(connection: AsyncConnection, partner: str) -> set[str]:
    """Return the properties that wait for a person."""
    rows = await connection.execute(
        select(_PAUSE.c.property_id).where(_PAUSE.c.partner == partner, _PAUSE.c.released_at.is_(None))
    )
    return set(rows.scalars())


async def released(connection: AsyncConnection, partner: str, day: date) -> set[str]:
    """Return the properties that a person released for a day."""
    rows = await connection.execute(
        select(_PAUSE.c.property_id).where(
            _PAUSE.c.partner == partner, _PAUSE.c.day == day, _PAUSE.c.released_at.is_not(None)
        )
    )
    return set(rows.scalars())


def of_property(property_ids: Collection[str]) -> ColumnElement[bool]:
    """Return that a message is about a stay at one of these properties."""
    return _MESSAGE.c.award_id.in_(select(_AWARD.c.id).where(_AWARD.c.property_id.in_(property_ids)))
