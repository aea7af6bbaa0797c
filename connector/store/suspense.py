"""What waits for a person: one row per subject, reason and partner, closed when the subject is well again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import among, batches, insert, table
from connector.store.tables.running import Suspense

_SUSPENSE = table(Suspense)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that needs a person. ``text`` is a sentence without names, e-mails or full numbers."""

    subject_kind: str
    subject_id: str
    reason: str
    text: str
    partner: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case with its number and dates, as ``suspense list`` shows it."""

    id: int
    case: Case
    first_at: datetime
    last_at: datetime


async def open_cases(connection: AsyncConnection, cases: Sequence[Case], now: datetime) -> None:
    """Open cases, or refresh those that are open already; a resolved one that comes back is open again."""
    if not cases:
        return
    statement = insert(connection, _SUSPENSE)
    statement = statement.on_conflict_do_update(
        index_elements=["subject_kind", "subject_id", "reason", "partner"],
        set_={"text": statement.excluded.text, "last_at": now, "resolved_at": None, "resolved_by": None},
    )
    rows = [
        {
            "subject_kind": case.subject_kind,
            "subject_id": case.subject_id,
            "reason": case.reason,
            "partner": case.partner,
            "text": case.text,
            "first_at": now,
            "last_at": now,
        }
        for case in cases
    ]
    await connection.execute(statement, rows)


async def close_cases(
    connection: AsyncConnection,
    subject_kind: str,
    subject_ids: Iterable[str],
    now: datetime,
    *,
    partner: str | None = None,
    reasons: Sequence[str] | None = None,
) -> None:
    """Close the open cases of subjects that are well again, of all reasons or of those named."""
    for ids in batches(list(subject_ids), 5000):
        statement = update(_SUSPENSE).where(
            _SUSPENSE.c.subject_kind == subject_kind,
            among(connection, _SUSPENSE.c.subject_id, ids),
            _SUSPENSE.c.resolved_at.is_(None),
        )
        if partner is not None:
            statement = statement.where(_SUSPENSE.c.partner == partner)
        if reasons is not None:
            statement = statement.where(_SUSPENSE.c.reason.in_(reasons))
        await connection.execute(statement.values(resolved_at=now, resolved_by="connector"))


async def close_stale(
    connection: AsyncConnection, subject_kind: str, reasons: Sequence[str], seen_at: datetime
) -> None:
    """Close the cases of these reasons that the pass which began at ``seen_at`` did not find again."""
    await connection.execute(
        update(_SUSPENSE)
        .where(
            _SUSPENSE.c.subject_kind == subject_kind,
            _SUSPENSE.c.reason.in_(reasons),
            _SUSPENSE.c.resolved_at.is_(None),
            _SUSPENSE.c.last_at < seen_at,
        )
        .values(resolved_at=seen_at, resolved_by="connector")
    )


async def listing(connection: AsyncConnection, limit: int | None = None) -> list[OpenCase]:
    """Return the open cases, oldest first."""
    columns = _SUSPENSE.c
    found = await connection.execute(
        select(
            columns.id,
            columns.subject_kind,
            columns.subject_id,
            columns.reason,
            columns.text,
            columns.partner,
            columns.first_at,
            columns.last_at,
        )
        .where(columns.resolved_at.is_(None))
        .order_by(columns.id)
        .limit(limit)
    )
    return [OpenCase(row[0], Case(*row[1:6]), row[6], row[7]) for row in found]


async def count(connection: AsyncConnection) -> int:
    """Return how many cases are open."""
    statement = select(func.count()).select_from(_SUSPENSE).where(_SUSPENSE.c.resolved_at.is_(None))
    return int((await connection.execute(statement)).scalar_one())


async def subjects_with(
    connection: AsyncConnection, subject_kind: str, reason: str, subject_ids: Sequence[str]
) -> set[str]:
    """Return which of the subjects have an open case of this reason."""
    found: set[str] = set()
    for ids in batches(subject_ids, 5000):
        rows = await connection.execute(
            select(_SUSPENSE.c.subject_id).where(
                _SUSPENSE.c.subject_kind == subject_kind,
                _SUSPENSE.c.reason == reason,
                among(connection, _SUSPENSE.c.subject_id, ids),
                _SUSPENSE.c.resolved_at.is_(None),
            )
        )
        found.update(rows.scalars())
    return found
