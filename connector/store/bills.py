"""Bills of order items as Mews last showed them; one that changes makes the stays that it decided dirty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import Bill
from connector.store.rows import batches, table, upsert
from connector.store.stays import make_dirty
from connector.store.tables import folios as tables
from connector.store.tables.loyalty import Guest

_BILL, _OF_STAY, _GUEST = table(tables.Bill), table(tables.BillOfStay), table(Guest)


async def tie(connection: AsyncConnection, pairs: Iterable[tuple[str, str]]) -> None:
    """Note which bills decide which reservations: (bill id, reservation id)."""
    rows = [{"bill_id": bill, "reservation_id": reservation} for bill, reservation in pairs]
    await upsert(connection, tables.BillOfStay, rows)


async def save(connection: AsyncConnection, bills: Sequence[Bill]) -> None:
    """Store bills as they are now; what stood on one that was known otherwise becomes dirty."""
    known = await of(connection, [each.id for each in bills])
    await upsert(connection, tables.Bill, [asdict(each) for each in bills if known.get(each.id) != each])
    await _make_dirty(connection, [each.id for each in bills if known.get(each.id, each) != each])


async def save_known(connection: AsyncConnection, bills: Sequence[Bill]) -> None:
    """Store those of the bills that decided a stay; the others are nobody's business yet."""
    known = await of(connection, [each.id for each in bills])
    await save(connection, [each for each in bills if each.id in known])


async def of(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Bill]:
    """Return the bills that are known, by id."""
    found: dict[str, Bill] = {}
    for some in batches(sorted(set(ids)), 5000):
        rows = await connection.execute(select(_BILL).where(_BILL.c.id.in_(some)))
        found.update({row.id: Bill(**row._mapping) for row in rows})
    return found


async def payers_merged(connection: AsyncConnection, guests: Sequence[str]) -> None:
    """Let the stays be decided again whose bills belong to guests that were merged into another profile by now."""
    if not guests or (await connection.execute(select(_BILL.c.id).limit(1))).first() is None:
        return
    sources, reached = set(guests), set(guests)
    while reached:  # those that were merged into these before
        rows = await connection.execute(select(_GUEST.c.id).where(_GUEST.c.merge_target_id.in_(reached)))
        reached = set(rows.scalars()) - sources
        sources |= reached
    for some in batches(sorted(sources), 5000):
        rows = await connection.execute(select(_BILL.c.id).where(_BILL.c.account_id.in_(some)))
        await _make_dirty(connection, list(rows.scalars()))


async def _make_dirty(connection: AsyncConnection, ids: Sequence[str]) -> None:
    for some in batches(ids, 5000):
        rows = await connection.execute(select(_OF_STAY.c.reservation_id).where(_OF_STAY.c.bill_id.in_(some)))
        await make_dirty(connection, rows.scalars())
