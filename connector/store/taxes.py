"""The order items of a chain with the property at which each was consumed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import OrderItem
from connector.store.codec import decode
from connector.store.rows import table
from connector.store.tables import folios, stays

_ITEM, _RESERVATION = table(stays.OrderItem), table(stays.Reservation)
_ORDER = table(folios.ProductOrder)


async def page(connection: AsyncConnection, after: str, limit: int) -> list[tuple[str, OrderItem]]:
    """Return (property id, item) by the items' ids, from ``after`` on; one of no known reservation has no property."""
    linked = _ITEM.outerjoin(_ORDER, _ORDER.c.id == _ITEM.c.order_id)
    stay = (_RESERVATION.c.id == _ITEM.c.order_id) | (_RESERVATION.c.id == _ORDER.c.reservation_id)
    rows = await connection.execute(
        select(_RESERVATION.c.property_id, _ITEM.c.body)
        .select_from(linked.outerjoin(_RESERVATION, stay))
        .where(_ITEM.c.id > after)
        .order_by(_ITEM.c.id)
        .limit(limit)
    )
    return [(row[0] or "", decode(OrderItem, row[1])) for row in rows]
