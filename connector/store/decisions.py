"""What was decided about each stay for each partner, and which stays are to be decided again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status
from connector.store.rows import batches, table, upsert
from connector.store.stays import PROCESSED
from connector.store.tables import stays as tables

_RESERVATION, _DECISION = table(tables.Reservation), table(tables.Decision)

_EMPTY = {"seen": 0} | {
    str(status): 0 for status in (Status.AWARDED, Status.EXCLUDED, Status.SUSPENDED, Status.WAITING)
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored decision, as ``earn explain`` shows it."""

    partner: str
    reservation_id: str
    status: str
    reason: str
    text: str
    due_at: datetime | None
    decided_at: datetime
    explanation: dict[str, Any]


async def to_decide(
    connection: AsyncConnection, partners: Sequence[str], now: datetime, after: str, limit: int
) -> list[str]:
    """Return reservations that changed or are due for a partner, by id, from ``after`` on.

    Only those that were ever seen checked out: the others earn nothing and are in nobody's view.
    """
    due = select(_DECISION.c.reservation_id).where(_DECISION.c.partner.in_(partners), _DECISION.c.due_at <= now)
    rows = await connection.execute(
        select(_RESERVATION.c.id)
        .where(
            _RESERVATION.c.id > after,
            _RESERVATION.c.seen_processed_at.is_not(None),
            or_(_RESERVATION.c.dirty.is_(True), _RESERVATION.c.id.in_(due)),
            or_(_RESERVATION.c.items_complete.is_(True), _RESERVATION.c.state != PROCESSED),
        )
        .order_by(_RESERVATION.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


async def decide_all_again(connection: AsyncConnection) -> None:
    """Make every stay dirty: a partner came or went."""
    await connection.execute(
        update(_RESERVATION).where(_RESERVATION.c.seen_processed_at.is_not(None)).values(dirty=True)
    )


async def save(
    connection: AsyncConnection, partner: str, decided: Sequence[tuple[str, str, Decision]], now: datetime
) -> None:
    """Store decisions: (reservation id, root reservation id, decision)."""
    rows = [
        {
            "partner": partner,
            "reservation_id": reservation_id,
            "root_id": root_id,
            "status": decision.status,
            "reason": decision.reason,
            "text": decision.text,
            "due_at": decision.due,
            "decided_at": now,
            "explanation": json.dumps(decision.explanation, ensure_ascii=False, separators=(",", ":")),
        }
        for reservation_id, root_id, decision in decided
    ]
    await upsert(connection, tables.Decision, rows)


async def are_decided(connection: AsyncConnection, reservation_ids: Sequence[str]) -> None:
    """Note that reservations were decided as they are now."""
    for ids in batches(reservation_ids, 5000):
        await connection.execute(update(_RESERVATION).where(_RESERVATION.c.id.in_(ids)).values(dirty=False))


async def of(connection: AsyncConnection, reservation_id: str) -> list[Kept]:
    """Return the decisions about a reservation, by partner."""
    rows = await connection.execute(
        select(_DECISION).where(_DECISION.c.reservation_id == reservation_id).order_by(_DECISION.c.partner)
    )
    return [
        Kept(
            partner=row.partner,
            reservation_id=row.reservation_id,
            status=row.status,
            reason=row.reason,
            text=row.text,
            due_at=row.due_at,
            decided_at=row.decided_at,
            explanation=json.loads(row.explanation),
        )
        for row in rows
    ]


async def tally(connection: AsyncConnection, partners: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return, per partner, how many stays were seen, awarded, excluded, suspended and are waiting.

    A stay that was seen checked out and not decided yet is waiting.
    """
    seen = await _seen(connection)
    counts = {partner: dict(_EMPTY) | {"seen": seen} for partner in partners}
    rows = await connection.execute(
        select(_DECISION.c.partner, _DECISION.c.status, func.count())
        .where(_DECISION.c.partner.in_(partners))
        .group_by(_DECISION.c.partner, _DECISION.c.status)
    )
    for partner, status, number in rows:
        counts[partner][status] = number
    for told in counts.values():
        told[Status.WAITING] += seen - sum(told[status] for status in Status)
    return counts


async def _seen(connection: AsyncConnection) -> int:
    statement = select(func.count()).select_from(_RESERVATION).where(_RESERVATION.c.seen_processed_at.is_not(None))
    return int((await connection.execute(statement)).scalar_one())


async def excluded(
    connection: AsyncConnection, partner: str, reservation_ids: Sequence[str], reasons: Collection[str]
) -> set[str]:
    """Return which reservations a partner's decision excludes for one of these reasons."""
    rows = await connection.execute(
        select(_DECISION.c.reservation_id).where(
            _DECISION.c.partner == partner,
            _DECISION.c.reservation_id.in_(reservation_ids),
            _DECISION.c.status == Status.EXCLUDED,
            _DECISION.c.reason.in_(reasons),
        )
    )
    return set(rows.scalars())
