"""Who arrives in the next days, and which questions about these guests are open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import among, table
from connector.store.suspense import OPEN, Case
from connector.store.tables import members, running, stays

_RESERVATION, _SUSPENSE = table(stays.Reservation), table(running.Suspense)
_CANDIDATE, _LINK = table(members.Candidate), table(members.Link)
_MARGIN = timedelta(days=1)  # that near_from lies before the arrival
_CONFIRMED = "Confirmed"


async def arriving(
    connection: AsyncConnection, first: datetime, last: datetime, after: tuple[datetime, str], limit: int
) -> list[tuple[datetime, str]]:
    """Return confirmed reservations that begin from ``first`` to before ``last``: (arrival, id), in that order.

    ``after`` is where the page before ended.
    """
    c = _RESERVATION.c
    begins, at = c.near_from, after[0] - _MARGIN
    rows = await connection.execute(
        select(begins, c.id)
        .where(
            c.seen_processed_at.is_(None),
            c.state == _CONFIRMED,
            begins >= first - _MARGIN,
            begins < last - _MARGIN,
            or_(begins > at, (begins == at) & (c.id > after[1])),
        )
        .order_by(begins, c.id)
        .limit(limit)
    )
    return [(row[0] + _MARGIN, row[1]) for row in rows]


async def questions(
    connection: AsyncConnection, account_ids: Sequence[str], reasons: Sequence[str]
) -> dict[str, list[tuple[int, Case]]]:
    """Return the open cases, of some reasons, of members who are or may be these guests: (number, case) by guest."""
    found: dict[str, dict[int, Case]] = {}
    columns = tuple(_SUSPENSE.c[name] for name in ("subject_kind", "subject_id", "reason", "text", "partner"))
    about = (_SUSPENSE.c.subject_kind == "member", OPEN, _SUSPENSE.c.reason.in_(reasons))
    for tie in (_CANDIDATE, _LINK):
        rows = await connection.execute(
            select(tie.c.account_id, _SUSPENSE.c.id, *columns)
            .join(tie, tie.c.member_id == _SUSPENSE.c.subject_id)
            .where(*about, among(connection, tie.c.account_id, account_ids))
        )
        for account, number, *told in rows:
            found.setdefault(account, {})[number] = Case(*told)
    return {account: sorted(cases.items()) for account, cases in found.items()}
