"""Hints of what changed in Mews: few, each once, and gone when a reading begins that finds what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.hints import Hint, Kind
from connector.store.rows import table, upsert
from connector.store.tables import events as tables

MOST = 5000
"""Hints that are kept; beyond, the oldest give way: the next reading by the schedule finds what they were about."""
_HINT = table(tables.Hint)


async def save(connection: AsyncConnection, hints: Iterable[Hint], now: datetime) -> None:
    """Store hints; one that is there already is as new as the last time it came."""
    rows = {
        (each.kind, each.id): {"kind": each.kind, "id": each.id, "place": each.place, "received_at": now}
        for each in hints
    }
    if not rows:
        return
    await upsert(connection, tables.Hint, list(rows.values())[-MOST:])
    key = (_HINT.c.kind, _HINT.c.id)
    beyond = select(*key).order_by(_HINT.c.received_at.desc(), *key).offset(MOST)
    await connection.execute(delete(_HINT).where(tuple_(*key).in_(beyond)))


async def count(connection: AsyncConnection, kind: Kind, until: datetime) -> int:
    """Return how many hints of a kind that came until then wait."""
    waiting = select(func.count()).where(_HINT.c.kind == kind, _HINT.c.received_at <= until)
    return int((await connection.execute(waiting)).scalar_one())


async def forget(connection: AsyncConnection, kind: Kind, until: datetime) -> None:
    """Forget the hints of a kind that came until then: what they are about is read now."""
    await connection.execute(delete(_HINT).where(_HINT.c.kind == kind, _HINT.c.received_at <= until))
