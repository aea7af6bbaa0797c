"""The primary source of reservations, as it was when they were last decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import batches, table, upsert
from connector.store.tables import names as tables

_SOURCE = table(tables.PrimarySource)


async def save(connection: AsyncConnection, sources: Mapping[str, str | None]) -> None:
    """Store the primary source of reservations, by reservation: "" where there is none, None where it is unreadable."""
    rows = [{"reservation_id": reservation, "source_id": source} for reservation, source in sources.items()]
    await upsert(connection, tables.PrimarySource, rows)


async def of(connection: AsyncConnection, reservation_ids: Sequence[str]) -> dict[str, str | None]:
    """Return the primary source of those reservations of which it was read."""
    found: dict[str, str | None] = {}
    for ids in batches(reservation_ids, 5000):
        rows = await connection.execute(
            select(_SOURCE.c.reservation_id, _SOURCE.c.source_id).where(_SOURCE.c.reservation_id.in_(ids))
        )
        found |= {row[0]: row[1] for row in rows}
    return found
