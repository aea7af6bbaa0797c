"""What the mirror holds of single records, to tell what reading them again changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import batches, table
from connector.store.tables import folios, loyalty, stays

_TABLES = {
    "memberships": table(loyalty.Membership),
    "deleted_memberships": table(loyalty.Membership),
    "guests": table(loyalty.Guest),
    "deleted_guests": table(loyalty.Guest),
    "reservations": table(stays.Reservation),
    "order_items": table(stays.OrderItem),
    "bills": table(folios.Bill),
    "product_orders": table(folios.ProductOrder),
}
_OURS = frozenset({"dirty", "items_complete", "seen_processed_at", "number_source", "number_seen_at"})  # not from Mews


async def contents(connection: AsyncConnection, stream: str, ids: Collection[str]) -> Mapping[str, tuple[Any, ...]]:
    """Return what Mews said of the records of a stream, by id; one never read is missing."""
    columns = [column for column in _TABLES[stream].c if column.name not in _OURS]
    found: dict[str, tuple[Any, ...]] = {}
    for some in batches(sorted(ids), 5000):
        rows = await connection.execute(select(*columns).where(_TABLES[stream].c.id.in_(some)))
        found.update((row.id, tuple(row)) for row in rows)
    return found
