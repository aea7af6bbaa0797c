"""Who came along on a company's reservation, as first seen: that customer id is part of an award's identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import batches, table, upsert
from connector.store.tables import stays as tables

_COMPANION = table(tables.Companion)


async def replace_companions(
    connection: AsyncConnection, reservation_ids: Sequence[str], pairs: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Store who comes along on these reservations: (reservation id, customer id); who no longer does is marked."""
    for ids in batches(reservation_ids, 5000):
        await connection.execute(update(_COMPANION).where(_COMPANION.c.reservation_id.in_(ids)).values(present=False))
    rows = [
        {"reservation_id": reservation, "customer_id": customer, "first_at": now, "present": True}
        for reservation, customer in dict.fromkeys(pairs)
    ]
    await upsert(connection, tables.Companion, rows, keep=("first_at",))


async def companions(
    connection: AsyncConnection, reservation_ids: Sequence[str]
) -> Mapping[str, list[tuple[str, bool]]]:
    """Return who comes along, by reservation: (customer id, still does), those first seen first."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for ids in batches(reservation_ids, 5000):
        rows = await connection.execute(
            select(_COMPANION.c.reservation_id, _COMPANION.c.customer_id, _COMPANION.c.present)
            .where(_COMPANION.c.reservation_id.in_(ids))
            .order_by(_COMPANION.c.first_at, _COMPANION.c.customer_id)
        )
        for reservation, customer, present in rows:
            found.setdefault(reservation, []).append((customer, present))
    return found
