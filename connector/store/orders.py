"""Product service orders that are linked to reservations; a link that changes makes both its ends dirty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import ProductOrder
from connector.store.rows import batches, table, upsert
from connector.store.stays import make_dirty
from connector.store.tables.folios import ProductOrder as Row

_ORDER = table(Row)


async def save(connection: AsyncConnection, orders: Iterable[ProductOrder]) -> None:
    """Store to which reservations orders are linked; one that never was is not stored."""
    links = {each.id: each.reservation_id for each in orders}
    known = await _known(connection, list(links))
    changed = {each: link for each, link in links.items() if known.get(each) != link}
    await upsert(connection, Row, [{"id": each, "reservation_id": link} for each, link in changed.items()])
    ends = {*changed.values(), *(known.get(each) for each in changed)}
    await make_dirty(connection, [each for each in ends if each is not None])


async def _known(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, str | None]:
    known: dict[str, str | None] = {}
    for some in batches(ids, 5000):
        rows = await connection.execute(select(_ORDER).where(_ORDER.c.id.in_(some)))
        known.update({row.id: row.reservation_id for row in rows})
    return known
