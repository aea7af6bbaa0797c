"""What waits for a person: one row per subject, reason and partner.

A case is open; or acknowledged, when a person has seen it and it stays quiet for as long as the same is found; or
closed by the connector, when it is not found any more. An acknowledged case still stands: ``subjects_with`` counts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import among, batches, insert, table
from connector.store.tables.running import Suspense

CONNECTOR = "connector"  # who closes a case that is not found any more; nobody else is called so
_SUSPENSE = table(Suspense)
OPEN = _SUSPENSE.c.resolved_at.is_(None)
# what is still found: open, or acknowledged by a person
STANDING = or_(OPEN, _SUSPENSE.c.resolved_by != CONNECTOR)


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
    """Open cases, or refresh those that are known already; a closed one that comes back is open again.

    One that a person acknowledged stays so while its text is the same.
    """
    if not cases:
        return
    statement = insert(connection, _SUSPENSE)
    quiet = and_(_SUSPENSE.c.resolved_by != CONNECTOR, _SUSPENSE.c.text == statement.excluded.text)
    kept = ("resolved_at", "resolved_by", "note")
    statement = statement.on_conflict_do_update(
        index_elements=["subject_kind", "subject_id", "reason", "partner"],
        set_={"text": statement.excluded.text, "last_at": now}
        | {name: case((quiet, _SUSPENSE.c[name]), else_=None) for name in kept},
    )
    rows = [
        {
            "subject_kind": each.subject_kind,
            "subject_id": each.subject_id,
            "reason": each.reason,
            "partner": each.partner,
            "text": each.text,
            "first_at": now,
            "last_at": now,
        }
        for each in cases
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
    """Close the cases of subjects that are well again, of all reasons or of those named."""
    also: list[ColumnElement[bool]] = []
    if partner is not None:
        also.append(_SUSPENSE.c.partner == partner)
    if reasons is not None:
        also.append(_SUSPENSE.c.reason.in_(reasons))
    await _close(connection, subject_kind, list(subject_ids), now, *also)


async def replace_cases(
    connection: AsyncConnection,
    subject_kind: str,
    subject_ids: Sequence[str],
    cases: Sequence[Case],
    now: datetime,
    partner: str,
) -> None:
    """Make these all that waits about the subjects at a partner: open them and close every other one.

    A subject has one case at most.
    """
    await open_cases(connection, cases, now)
    at_partner = _SUSPENSE.c.partner == partner
    found: dict[str, list[str]] = {}
    for each in cases:
        found.setdefault(each.reason, []).append(each.subject_id)
    for reason, ids in found.items():
        await _close(connection, subject_kind, ids, now, at_partner, _SUSPENSE.c.reason != reason)
    ill = {each.subject_id for each in cases}
    await _close(connection, subject_kind, [each for each in subject_ids if each not in ill], now, at_partner)


async def _close(
    connection: AsyncConnection, kind: str, subject_ids: Sequence[str], now: datetime, *also: ColumnElement[bool]
) -> None:
    for ids in batches(subject_ids, 5000):
        about = and_(_SUSPENSE.c.subject_kind == kind, among(connection, _SUSPENSE.c.subject_id, ids))
        await connection.execute(
            update(_SUSPENSE).where(about, STANDING, *also).values(resolved_at=now, resolved_by=CONNECTOR)
        )


async def close_stale(
    connection: AsyncConnection,
    subject_kind: str,
    reasons: Sequence[str],
    seen_at: datetime,
    *,
    partner: str | None = None,
) -> None:
    """Close the cases of these reasons that the pass which began at ``seen_at`` did not find again.

    Of one partner, or of all.
    """
    await connection.execute(
        update(_SUSPENSE)
        .where(
            _SUSPENSE.c.subject_kind == subject_kind,
            _SUSPENSE.c.reason.in_(reasons),
            STANDING,
            true() if partner is None else _SUSPENSE.c.partner == partner,
            _SUSPENSE.c.last_at < seen_at,
        )
        .values(resolved_at=seen_at, resolved_by=CONNECTOR)
    )


async def of_id(connection: AsyncConnection, case_id: int) -> OpenCase | None:
    """Return an open case by its number."""
    found = await connection.execute(select(*_COLUMNS).where(_SUSPENSE.c.id == case_id, OPEN))
    return next(map(_open_case, found), None)


async def about(connection: AsyncConnection, subjects: Collection[tuple[str, str]]) -> list[OpenCase]:
    """Return the open cases about some subjects: (kind, id), oldest first."""
    key = tuple_(_SUSPENSE.c.subject_kind, _SUSPENSE.c.subject_id)
    found = await connection.execute(select(*_COLUMNS).where(key.in_(subjects), OPEN).order_by(_SUSPENSE.c.id))
    return [_open_case(row) for row in found]


async def listing(
    connection: AsyncConnection, limit: int | None = None, *, reason: str | None = None, partner: str | None = None
) -> list[OpenCase]:
    """Return the open cases, all or those of one reason or partner, oldest first."""
    statement = select(*_COLUMNS).where(OPEN).order_by(_SUSPENSE.c.id).limit(limit)
    if reason is not None:
        statement = statement.where(_SUSPENSE.c.reason == reason)
    if partner is not None:
        statement = statement.where(_SUSPENSE.c.partner == partner)
    return [_open_case(row) for row in await connection.execute(statement)]


_COLUMNS = tuple(
    _SUSPENSE.c[name]
    for name in ("id", "subject_kind", "subject_id", "reason", "text", "partner", "first_at", "last_at")
)


def _open_case(row: Sequence[Any]) -> OpenCase:
    return OpenCase(row[0], Case(*row[1:6]), row[6], row[7])


async def count(connection: AsyncConnection) -> int:
    """Return how many cases are open."""
    statement = select(func.count()).select_from(_SUSPENSE).where(OPEN)
    return int((await connection.execute(statement)).scalar_one())


async def count_by_kind(connection: AsyncConnection) -> dict[str, int]:
    """Return how many cases are open, by the kind of their subject."""
    statement = select(_SUSPENSE.c.subject_kind, func.count()).where(OPEN).group_by(_SUSPENSE.c.subject_kind)
    return {row[0]: int(row[1]) for row in await connection.execute(statement)}


async def is_open(connection: AsyncConnection, subject_kind: str, reason: str) -> bool:
    """Tell whether any subject of a kind has a case of this reason, be it acknowledged."""
    statement = select(_SUSPENSE.c.id).where(
        _SUSPENSE.c.subject_kind == subject_kind, _SUSPENSE.c.reason == reason, STANDING
    )
    return (await connection.execute(statement.limit(1))).first() is not None


def has(
    subject_kind: str, subject_id: ColumnElement[str], reason: str, which: ColumnElement[bool] = STANDING
) -> ColumnElement[bool]:
    """Return that the subject of another table's row has a case of this reason, be it acknowledged (or ``OPEN``)."""
    about = and_(_SUSPENSE.c.subject_kind == subject_kind, _SUSPENSE.c.subject_id == subject_id)
    return exists().where(about, _SUSPENSE.c.reason == reason, which)


async def subjects_with(
    connection: AsyncConnection,
    subject_kind: str,
    reason: str,
    subject_ids: Sequence[str],
    *,
    partner: str | None = None,
) -> set[str]:
    """Return which of the subjects have a case of this reason, be it acknowledged; at one partner ("": none) or any.

    Mostly nobody has, which is known sooner than that none of these thousands has.
    """
    found: set[str] = set()
    if not await is_open(connection, subject_kind, reason):
        return found
    for ids in batches(subject_ids, 5000):
        rows = await connection.execute(
            select(_SUSPENSE.c.subject_id).where(
                _SUSPENSE.c.subject_kind == subject_kind,
                _SUSPENSE.c.reason == reason,
                true() if partner is None else _SUSPENSE.c.partner == partner,
                among(connection, _SUSPENSE.c.subject_id, ids),
                STANDING,
            )
        )
        found.update(rows.scalars())
    return found
