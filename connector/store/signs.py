"""Signs that all is well, or is not: when partners were last credited, properties last changed, cases opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN
from connector.store.rows import table
from connector.store.suspense import OPEN
from connector.store.tables.ledger import Message
from connector.store.tables.running import Circuit, Suspense
from connector.store.tables.stays import Property, Reservation

_MESSAGE, _CIRCUIT, _SUSPENSE = table(Message), table(Circuit), table(Suspense)
_PROPERTY, _RESERVATION = table(Property), table(Reservation)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How often something happened in a period, and when last."""

    times: int
    last: datetime | None


async def credits_since(connection: AsyncConnection, since: datetime) -> Mapping[str, Pulse]:
    """Return by partner how many credits it took since a moment."""
    settled = _MESSAGE.c.settled_at
    taken = and_(_MESSAGE.c.kind == Kind.CREDIT, _MESSAGE.c.state.in_(sorted(GIVEN)), settled >= since)
    rows = await connection.execute(
        select(_MESSAGE.c.partner, func.count(), func.max(settled)).where(taken).group_by(_MESSAGE.c.partner)
    )
    return {row[0]: Pulse(row[1], row[2]) for row in rows}


async def changes_since(connection: AsyncConnection, since: datetime) -> Mapping[str, Pulse]:
    """Return by name of the property how many of its reservations changed since a moment."""
    rows = await connection.execute(
        select(_PROPERTY.c.name, func.count(), func.max(_RESERVATION.c.updated))
        .join_from(_RESERVATION, _PROPERTY, _PROPERTY.c.id == _RESERVATION.c.property_id)
        .where(_RESERVATION.c.updated >= since)
        .group_by(_PROPERTY.c.id, _PROPERTY.c.name)
    )
    return {row[0]: Pulse(row[1], row[2]) for row in rows}


async def cases_since(connection: AsyncConnection, since: datetime) -> Mapping[str, int]:
    """Return by reason how many of the open cases were opened since a moment."""
    recent = and_(OPEN, _SUSPENSE.c.first_at >= since)
    rows = await connection.execute(select(_SUSPENSE.c.reason, func.count()).where(recent).group_by(_SUSPENSE.c.reason))
    return {row[0]: row[1] for row in rows}


async def cases(connection: AsyncConnection) -> Mapping[str, int]:
    """Return by reason how many cases are open."""
    rows = await connection.execute(select(_SUSPENSE.c.reason, func.count()).where(OPEN).group_by(_SUSPENSE.c.reason))
    return {row[0]: row[1] for row in rows}


async def cases_of(connection: AsyncConnection, reasons: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """Return partner, subject and text of the open cases with one of these reasons."""
    named = and_(OPEN, _SUSPENSE.c.reason.in_(reasons))
    rows = await connection.execute(
        select(_SUSPENSE.c.partner, _SUSPENSE.c.subject_id, _SUSPENSE.c.text).where(named).order_by(_SUSPENSE.c.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def open_circuits(connection: AsyncConnection) -> Mapping[str, datetime]:
    """Return the circuits that are open, and since when."""
    is_open = _CIRCUIT.c.opened_at.is_not(None)
    rows = await connection.execute(select(_CIRCUIT.c.key, _CIRCUIT.c.opened_at).where(is_open))
    return {row[0]: row[1] for row in rows}
