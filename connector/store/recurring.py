"""Cases that stand from pass to pass: which of them to look at, and that they were found again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import among, batches, table
from connector.store.suspense import STANDING
from connector.store.tables.running import Suspense

_SUSPENSE = table(Suspense)


async def stand(
    connection: AsyncConnection, subject_kind: str, subject_ids: Collection[str], reason: str, now: datetime
) -> None:
    """Note that the cases of subjects were found again, in the same words."""
    for ids in batches(list(subject_ids), 5000):
        about = (_SUSPENSE.c.subject_kind == subject_kind, among(connection, _SUSPENSE.c.subject_id, ids))
        await connection.execute(
            update(_SUSPENSE).where(*about, _SUSPENSE.c.reason == reason, STANDING).values(last_at=now)
        )


async def longest_unseen(connection: AsyncConnection, subject_kind: str, reason: str, limit: int) -> list[str]:
    """Return subjects with a case of this reason, be it acknowledged, those first that were last found long ago."""
    mine = (_SUSPENSE.c.subject_kind == subject_kind, _SUSPENSE.c.reason == reason, STANDING)
    oldest = select(_SUSPENSE.c.subject_id).where(*mine).order_by(_SUSPENSE.c.last_at, _SUSPENSE.c.id).limit(limit)
    return list((await connection.execute(oldest)).scalars())
