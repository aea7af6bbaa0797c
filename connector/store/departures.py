"""The stays that departed in a period, page by page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.stays import PROCESSED
from connector.store.tables.stays import Reservation

_RESERVATION = table(Reservation)


async def departures(
    connection: AsyncConnection, first: datetime, last: datetime, after: str, limit: int
) -> list[tuple[str, bool]]:
    """Return reservations, ever seen checked out, that departed between two moments: ids from ``after`` on.

    With each: whether all of its order items are known, without which it is not decided.
    """
    known = or_(_RESERVATION.c.items_complete.is_(True), _RESERVATION.c.state != PROCESSED)
    rows = await connection.execute(
        select(_RESERVATION.c.id, known)
        .where(
            _RESERVATION.c.id > after,
            _RESERVATION.c.seen_processed_at.is_not(None),
            _RESERVATION.c.departed_at >= first,
            _RESERVATION.c.departed_at <= last,
        )
        .order_by(_RESERVATION.c.id)
        .limit(limit)
    )
    return [(row[0], bool(row[1])) for row in rows]
