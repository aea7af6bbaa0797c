"""Reservations for which somebody else gave a partner's miles: nothing is earned by them here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.resolutions import Signature
from connector.store.rows import batches, table, upsert
from connector.store.stays import make_dirty
from connector.store.tables import ledger as tables

_ELSEWHERE = table(tables.Elsewhere)


async def mark(
    connection: AsyncConnection, partner: str, miles_by_reservation: Mapping[str, int | None], signature: Signature
) -> None:
    """Mark reservations, which are decided again then; one that is marked already keeps its first mark."""
    rows = [
        {
            "partner": partner,
            "reservation_id": reservation_id,
            "miles": miles,
            "imported_at": signature.at,
            "imported_by": signature.by,
            "note": signature.why or "",
        }
        for reservation_id, miles in miles_by_reservation.items()
    ]
    await upsert(connection, tables.Elsewhere, rows, keep=("miles", "imported_at", "imported_by", "note"))
    await make_dirty(connection, miles_by_reservation)


async def partners_of(connection: AsyncConnection, reservation_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Return at which partners somebody else gave the miles, by reservation."""
    found: dict[str, set[str]] = {}
    columns = (_ELSEWHERE.c.reservation_id, _ELSEWHERE.c.partner)
    for ids in batches(reservation_ids, 5000):
        for reservation_id, partner in await connection.execute(
            select(*columns).where(_ELSEWHERE.c.reservation_id.in_(ids))
        ):
            found.setdefault(reservation_id, set()).add(partner)
    return {reservation_id: frozenset(partners) for reservation_id, partners in found.items()}
