"""Properties, reservations and order items as Mews shows them; a change makes its reservation dirty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import OrderItem, Property, Reservation
from connector.store import facts, neighbours
from connector.store.codec import decode, decode_rates, encode, encode_rates
from connector.store.rows import among, batches, insert, table, upsert
from connector.store.tables import stays as tables
from connector.store.tables.folios import ProductOrder

_PROPERTY, _SERVICE = table(tables.Property), table(tables.Service)
_RESERVATION, _ITEM = table(tables.Reservation), table(tables.OrderItem)
_ORDER = table(ProductOrder)

PROCESSED = "Processed"
_NEAR = timedelta(days=1)  # two that meet within it on either side may lie beside each other on the hotel's calendar


async def save_property(
    connection: AsyncConnection,
    prop: Property,
    chain_id: str,
    created: datetime,
    services: Sequence[str],
    now: datetime,
) -> None:
    """Store a property and the ids of its services."""
    row = {
        "id": prop.id,
        "chain_id": chain_id,
        "table_name": prop.table,
        "name": prop.name,
        "time_zone": prop.time_zone,
        "currency": prop.currency,
        "editable_seconds": int(prop.editable.total_seconds()),
        "day_offset_seconds": int(prop.day_offset.total_seconds()),
        "created": created,
        "read_at": now,
    }
    await upsert(connection, tables.Property, [row])
    await upsert(connection, tables.Service, [{"id": each, "property_id": prop.id} for each in services])


async def save_rates(connection: AsyncConnection, property_id: str, rates: Mapping[tuple[str, str], Decimal]) -> None:
    """Store today's exchange rates of a property, by (source, target) currency."""
    await facts.write(connection, f"rates {property_id}", encode_rates(rates))


async def rates(
    connection: AsyncConnection, property_ids: Iterable[str]
) -> dict[str, Mapping[tuple[str, str], Decimal]]:
    """Return the exchange rates of properties as last read, by property."""
    return {each: decode_rates(await facts.read(connection, f"rates {each}") or "[]") for each in property_ids}


async def properties(connection: AsyncConnection) -> dict[str, Property]:
    """Return the properties, by id."""
    rows = await connection.execute(select(_PROPERTY))
    return {
        row.id: Property(
            id=row.id,
            name=row.name,
            table=row.table_name,
            time_zone=row.time_zone,
            currency=row.currency,
            editable=timedelta(seconds=row.editable_seconds),
            day_offset=timedelta(seconds=row.day_offset_seconds),
        )
        for row in rows
    }


async def chain_began(connection: AsyncConnection) -> datetime | None:
    """Return when the oldest property was created in Mews: no record of the chain is older."""
    began: datetime | None = (await connection.execute(select(func.min(_PROPERTY.c.created)))).scalar()
    return began


async def services(connection: AsyncConnection) -> dict[str, str]:
    """Return the property of each service."""
    return {row[0]: row[1] for row in await connection.execute(select(_SERVICE))}


async def save_reservations(
    connection: AsyncConnection, reservations: Iterable[Reservation], items_since: datetime, now: datetime
) -> None:
    """Store reservations; those that are new or differ become dirty, and what lies beside them.

    ``items_since``: order items are read from there on, so the items of a reservation made earlier may be missing
    and are fetched by its id before it is decided.
    """
    rows = [_reservation_row(each, items_since, now) for each in reservations]
    if not rows:
        return
    await neighbours.disturb(connection, rows)
    statement = insert(connection, _RESERVATION)
    new = statement.excluded
    differs = or_(new.body != _RESERVATION.c.body, new.state != _RESERVATION.c.state)
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "number": new.number,
            "channel_number": new.channel_number,
            "state": new.state,
            "account_id": new.account_id,
            "departed_at": new.departed_at,
            "near_from": new.near_from,
            "near_until": new.near_until,
            "updated": new.updated,
            "body": new.body,
            "seen_processed_at": func.coalesce(_RESERVATION.c.seen_processed_at, new.seen_processed_at),
            "dirty": case((differs, True), else_=_RESERVATION.c.dirty),
        },
    )
    await connection.execute(statement, rows)


def _reservation_row(reservation: Reservation, items_since: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": reservation.id,
        "property_id": reservation.property_id,
        "number": reservation.number,
        "channel_number": reservation.channel_number,
        "state": reservation.state,
        "account_id": reservation.account_id,
        "departed_at": reservation.departed_at,
        "near_from": reservation.scheduled_start - _NEAR,
        "near_until": max(reservation.scheduled_end, reservation.departed_at) + _NEAR,
        "updated": reservation.updated,
        "seen_processed_at": now if reservation.state == PROCESSED else None,
        "items_complete": reservation.created >= items_since,
        "dirty": True,
        "body": encode(reservation),
    }


async def save_items(connection: AsyncConnection, items: Iterable[OrderItem]) -> None:
    """Store order items; a new or different one makes its reservation dirty, and that which it left."""
    rows = {
        each.id: {
            "id": each.id,
            "order_id": each.reservation_id,
            "updated": each.updated,
            "body": encode(each),
        }
        for each in items
    }
    known = await _known_items(connection, list(rows))
    changed = [row for key, row in rows.items() if known.get(key, ("", ""))[1] != row["body"]]
    await upsert(connection, tables.OrderItem, changed)
    orders = [str(row["order_id"]) for row in changed]
    left = [known[str(row["id"])][0] for row in changed if row["id"] in known]
    await make_dirty(connection, [*left, *orders])


async def make_dirty(connection: AsyncConnection, order_ids: Iterable[str]) -> None:
    """Let reservations be decided again, and those to which product service orders are linked."""
    for ids in batches(sorted(set(order_ids)), 5000):
        linked = select(_ORDER.c.reservation_id).where(_ORDER.c.id.in_(ids))
        for found in (_RESERVATION.c.id.in_(ids), _RESERVATION.c.id.in_(linked)):
            statement = update(_RESERVATION).where(found, _RESERVATION.c.dirty.is_(False))
            await connection.execute(statement.values(dirty=True))


async def _known_items(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return order and body of the items that are known, by id."""
    known: dict[str, tuple[str, str]] = {}
    for some in batches(ids, 5000):
        rows = await connection.execute(select(_ITEM.c.id, _ITEM.c.order_id, _ITEM.c.body).where(_ITEM.c.id.in_(some)))
        known.update((row[0], (row[1], row[2])) for row in rows)
    return known


async def save_unreadable_items(connection: AsyncConnection, orders: Mapping[str, str], now: datetime) -> None:
    """Store that order items exist but cannot be read: (item id → order id). Their stay is not decided."""
    rows = [{"id": each, "order_id": order, "updated": now, "body": ""} for each, order in orders.items()]
    await upsert(connection, tables.OrderItem, rows)
    await make_dirty(connection, orders.values())


async def without_items(connection: AsyncConnection, property_ids: Sequence[str], limit: int) -> list[str]:
    """Return checked-out reservations of properties whose order items must be fetched by id."""
    rows = await connection.execute(
        select(_RESERVATION.c.id)
        .where(
            _RESERVATION.c.property_id.in_(property_ids),
            _RESERVATION.c.state == PROCESSED,
            _RESERVATION.c.items_complete.is_(False),
        )
        .order_by(_RESERVATION.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


async def items_are_complete(connection: AsyncConnection, reservation_ids: Sequence[str]) -> None:
    """Note that all order items of these reservations are stored."""
    for ids in batches(reservation_ids, 5000):
        await connection.execute(update(_RESERVATION).where(_RESERVATION.c.id.in_(ids)).values(items_complete=True))


async def reservations(connection: AsyncConnection, ids: Sequence[str]) -> list[Reservation]:
    """Return reservations by id."""
    rows = await connection.execute(
        select(_RESERVATION.c.body).where(among(connection, _RESERVATION.c.id, ids)).order_by(_RESERVATION.c.id)
    )
    return [decode(Reservation, body) for body in rows.scalars()]


async def items_of(connection: AsyncConnection, reservation_ids: Sequence[str]) -> Mapping[str, list[OrderItem | None]]:
    """Return the order items of reservations and of what is linked to them, by reservation, in a stable order.

    None stands for an unreadable one.
    """
    found: dict[str, list[OrderItem | None]] = {}
    own = select(_ITEM.c.order_id.label("reservation_id"), _ITEM.c.id, _ITEM.c.body)
    linked = select(_ORDER.c.reservation_id, _ITEM.c.id, _ITEM.c.body).join(_ITEM, _ITEM.c.order_id == _ORDER.c.id)
    for rows in (
        own.where(among(connection, _ITEM.c.order_id, reservation_ids)),
        linked.where(among(connection, _ORDER.c.reservation_id, reservation_ids)),
    ):
        for reservation_id, _id, body in await connection.execute(rows.order_by("reservation_id", "id")):
            found.setdefault(reservation_id, []).append(decode(OrderItem, body) if body else None)
    return found


async def find(connection: AsyncConnection, word: str) -> list[str]:
    """Return the ids of reservations whose id, confirmation number or channel number is ``word``."""
    return (await find_each(connection, [word])).get(word, [])


async def find_each(connection: AsyncConnection, words: Sequence[str]) -> dict[str, list[str]]:
    """Return as ``find`` does, by word, for many words at once."""
    found: dict[str, dict[str, None]] = {}
    for some in batches(words, 5000):
        for column in (_RESERVATION.c.id, _RESERVATION.c.number, _RESERVATION.c.channel_number):
            statement = select(column, _RESERVATION.c.id).where(among(connection, column, some))
            for word, reservation_id in await connection.execute(statement):
                found.setdefault(word, {})[reservation_id] = None
    return {word: list(ids) for word, ids in found.items()}
