"""What was decided about each stay for each partner, and which stays are to be decided again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status
from connector.domain.stays import OWNER
from connector.store.exclusion import DECIDING, alone
from connector.store.rows import among, batches, table, upsert
from connector.store.stays import PROCESSED
from connector.store.tables import stays as tables

_RESERVATION, _DECISION = table(tables.Reservation), table(tables.Decision)

# the explanation where it tells of several seats (see ``connector.domain.earners.together``), else NULL
_SEATS = case((_DECISION.c.explanation.contains('"seats":['), _DECISION.c.explanation))

_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

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
    # each half in the order of an index: an OR would collect and sort all that is left, for every page again
    halves = [
        select(_RESERVATION.c.id)
        .where(
            _RESERVATION.c.id > after,
            _RESERVATION.c.seen_processed_at.is_not(None),
            half,
            or_(_RESERVATION.c.items_complete.is_(True), _RESERVATION.c.state != PROCESSED),
        )
        .order_by(_RESERVATION.c.id)
        .limit(limit)
        .subquery()
        for half in (_RESERVATION.c.dirty.is_(True), _RESERVATION.c.id.in_(due))
    ]
    found = union(*(select(half.c.id) for half in halves)).subquery()
    rows = await connection.execute(select(found.c.id).order_by(found.c.id).limit(limit))
    return list(rows.scalars())


async def undecided_at(connection: AsyncConnection, property_ids: Collection[str]) -> set[str]:
    """Return at which of these properties there are stays to be decided, now or later."""
    if not property_ids:
        return set()
    waits = select(_DECISION.c.reservation_id).where(_DECISION.c.due_at.is_not(None))
    open_ = (
        _RESERVATION.c.seen_processed_at.is_not(None),
        or_(_RESERVATION.c.dirty.is_(True), _RESERVATION.c.id.in_(waits)),
    )
    mine = select(_RESERVATION.c.property_id).where(_RESERVATION.c.property_id.in_(property_ids), *open_).distinct()
    return set((await connection.execute(mine)).scalars())


async def decide_all_again(connection: AsyncConnection) -> None:
    """Make every stay dirty: a partner came or went."""
    await alone(connection, DECIDING)
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
            "explanation": _write(decision.explanation),
        }
        for reservation_id, root_id, decision in decided
    ]
    await upsert(connection, tables.Decision, rows)


async def are_decided(connection: AsyncConnection, reservation_ids: Sequence[str]) -> None:
    """Note that reservations were decided as they are now."""
    for ids in batches(reservation_ids, 5000):
        mine = among(connection, _RESERVATION.c.id, ids)
        await connection.execute(update(_RESERVATION).where(mine).values(dirty=False))


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


async def passed_over(
    connection: AsyncConnection, partner: str, reservation_ids: Sequence[str], reasons: Collection[str]
) -> dict[tuple[str, str], Decision]:
    """Return what a partner's decisions exclude for one of these reasons: by (reservation, seat)."""
    found: dict[tuple[str, str], Decision] = {}
    rows = await connection.execute(
        select(_DECISION.c.reservation_id, _DECISION.c.status, _DECISION.c.reason, _DECISION.c.text, _SEATS).where(
            _DECISION.c.partner == partner,
            among(connection, _DECISION.c.reservation_id, reservation_ids),
            or_((_DECISION.c.status == Status.EXCLUDED) & _DECISION.c.reason.in_(reasons), _SEATS.is_not(None)),
        )
    )
    for reservation_id, status, reason, text, explanation in rows:
        seats = json.loads(explanation)["seats"] if explanation else [_owner(status, reason, text)]
        found |= {(reservation_id, each["seat"]): _decision(each) for each in seats if each["reason"] in reasons}
    return found


def _owner(status: str, reason: str, text: str) -> dict[str, Any]:
    return {"seat": OWNER, "status": status, "reason": reason, "text": text, "explanation": {}}


def _decision(told: Mapping[str, Any]) -> Decision:
    return Decision(Status(told["status"]), told["reason"], told["text"], explanation=told["explanation"])
