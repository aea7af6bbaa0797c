"""What people say about cases: seen, settled by what they did, and what they did without being asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import insert, table
from connector.store.suspense import CONNECTOR, STANDING, Case
from connector.store.tables.running import Suspense

BY_HAND = "by_hand"  # the reason of the one closed row that keeps what a person last did about a subject, and why
_SUSPENSE = table(Suspense)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decided, when, and why if they said so: free text, without what ``scrub`` finds."""

    by: str
    at: datetime
    why: str | None = None

    @property
    def row(self) -> dict[str, object]:
        """The columns of a case that tell how it ended. No person is called as the connector is."""
        name = f"user {self.by}" if self.by == CONNECTOR else self.by
        return {"resolved_at": self.at, "resolved_by": name, "note": self.why}


async def acknowledge(connection: AsyncConnection, case_id: int, signature: Signature) -> None:
    """Note that a person has seen a case: it stays quiet for as long as the same is found."""
    await _resolve(connection, signature.row, _SUSPENSE.c.id == case_id)


async def settle(
    connection: AsyncConnection,
    subject: tuple[str, str],
    reasons: Sequence[str] | None,
    outcome: str,
    signature: Signature,
) -> None:
    """Close the cases of these reasons (None: of all) about a subject (kind, id): a person did something about them.

    The outcome takes the place of the text, so that the same found again is news.
    """
    kind, subject_id = subject
    which = _SUSPENSE.c.reason != BY_HAND if reasons is None else _SUSPENSE.c.reason.in_(reasons)
    about = (_SUSPENSE.c.subject_kind == kind, _SUSPENSE.c.subject_id == subject_id, which)
    await _resolve(connection, signature.row | {"text": outcome}, *about)


async def remember(connection: AsyncConnection, subject: tuple[str, str], outcome: str, signature: Signature) -> None:
    """Keep what a person last did about a subject, with the reason they gave."""
    kind, subject_id = subject
    key = {"subject_kind": kind, "subject_id": subject_id, "reason": BY_HAND, "partner": ""}
    told = {"text": outcome, "last_at": signature.at} | signature.row
    statement = insert(connection, _SUSPENSE).values(**key, first_at=signature.at, **told)
    await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=told))


async def reason_given(connection: AsyncConnection, subject: tuple[str, str]) -> str | None:
    """Return why a person did what they last did about a subject; None if they did nothing or did not say."""
    kind, subject_id = subject
    about = (_SUSPENSE.c.subject_kind == kind, _SUSPENSE.c.subject_id == subject_id, _SUSPENSE.c.reason == BY_HAND)
    return (await connection.execute(select(_SUSPENSE.c.note).where(*about))).scalar()


async def resolved(connection: AsyncConnection, case_id: int) -> tuple[Case, Signature]:
    """Return a case that a person resolved, and how."""
    columns = _SUSPENSE.c
    found = await connection.execute(
        select(
            columns.subject_kind,
            columns.subject_id,
            columns.reason,
            columns.text,
            columns.partner,
            columns.resolved_by,
            columns.resolved_at,
            columns.note,
        ).where(columns.id == case_id)
    )
    row = found.one()
    return Case(*row[:5]), Signature(*row[5:])


async def _resolve(connection: AsyncConnection, values: dict[str, object], *which: ColumnElement[bool]) -> None:
    await connection.execute(update(_SUSPENSE).where(STANDING, *which).values(**values))
