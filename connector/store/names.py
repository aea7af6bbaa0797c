"""What Mews calls by which names, of the kinds that rules name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.names import Kind, Named
from connector.store.exclusion import DECIDING, alone
from connector.store.rows import insert, table
from connector.store.tables import names as tables
from connector.store.tables import stays

_NAME = table(tables.Name)
_RESERVATION, _ITEM = table(stays.Reservation), table(stays.OrderItem)

_Row = tuple[str, str, str | None]  # id, name, group


async def replace(connection: AsyncConnection, kind: Kind, property_id: str, named: Iterable[Named]) -> frozenset[str]:
    """Store all of one kind at a property in place of what was stored; return the ids that are new."""
    ours = (_NAME.c.kind == kind) & (_NAME.c.property_id == property_id)
    columns = (_NAME.c.id, _NAME.c.name, _NAME.c.group_id)
    known: set[_Row] = {(row[0], row[1], row[2]) for row in await connection.execute(select(*columns).where(ours))}
    rows = {(each.id, name): (each.id, name, each.group_id) for each in named for name in each.names or ("",)}
    if set(rows.values()) == known:
        return frozenset()
    await connection.execute(delete(_NAME).where(ours))
    if rows:
        same = {"kind": kind, "property_id": property_id}
        values = [{**same, "id": id_, "name": name, "group_id": group} for id_, name, group in rows.values()]
        await connection.execute(insert(connection, _NAME), values)
    return frozenset(row[0] for row in rows) - {row[0] for row in known}


async def every(connection: AsyncConnection, kinds: Collection[Kind]) -> list[Named]:
    """Return what is stored of some kinds; something with several names comes once for each."""
    rows = await connection.execute(select(_NAME).where(_NAME.c.kind.in_(kinds)).order_by(*_NAME.primary_key))
    return [Named(Kind(row.kind), row.id, frozenset({row.name} - {""}), row.property_id, row.group_id) for row in rows]


async def labels(connection: AsyncConnection) -> dict[str, str]:
    """Return for each id that has a name one of its names."""
    rows = await connection.execute(select(_NAME.c.id, func.min(_NAME.c.name)).where(_NAME.c.name != "").group_by("id"))
    return {row[0]: row[1] for row in rows}


async def decide_again(connection: AsyncConnection, property_ids: Sequence[str], since: datetime) -> None:
    """Make the stays at some properties dirty that changed, or whose order items did, at or after a moment."""
    await alone(connection, DECIDING)
    charged = select(_ITEM.c.order_id).where(_ITEM.c.updated >= since)
    await connection.execute(
        update(_RESERVATION)
        .where(
            _RESERVATION.c.property_id.in_(property_ids),
            _RESERVATION.c.seen_processed_at.is_not(None),
            or_(_RESERVATION.c.updated >= since, _RESERVATION.c.id.in_(charged)),
        )
        .values(dirty=True)
    )
