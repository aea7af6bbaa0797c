"""What alignment took from guests, for the harm guard to look back at, and what a person confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, distinct, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.harm import Harm
from connector.store.rows import insert, table
from connector.store.tables import members

_HARM, _CONFIRMATION = table(members.Harm), table(members.Confirmation)


async def note(
    connection: AsyncConnection,
    harms: Sequence[tuple[str, str]],
    plan_id: str,
    now: datetime,
    *,
    deletes: bool = False,
) -> None:
    """Note harmful changes: (kind, membership id); ``deletes`` tells our deletions from those by staff."""
    rows = [
        {"at": now, "kind": kind, "membership_id": each, "plan_id": plan_id, "deletes": deletes} for kind, each in harms
    ]
    if rows:
        await connection.execute(_HARM.insert(), rows)


async def since(connection: AsyncConnection, start: datetime) -> tuple[int, int]:
    """Return how many memberships unconfirmed harm befell since a moment: by removal, and by any other kind.

    One counts once in each, however often it was written: a batch that is sent again notes its harm again.
    """
    confirmed = select(_CONFIRMATION.c.plan_id)
    removal = _HARM.c.kind == Harm.REMOVAL
    removed, changed = (func.count(distinct(case((each, _HARM.c.membership_id)))) for each in (removal, ~removal))
    rows = await connection.execute(
        select(removed, changed).where(
            _HARM.c.at >= start, or_(_HARM.c.plan_id == "", _HARM.c.plan_id.not_in(confirmed))
        )
    )
    row = rows.one()
    return row[0], row[1]


async def confirm(connection: AsyncConnection, plan_id: str, operator: str, now: datetime) -> None:
    """Store a person's word that exactly this plan may be applied, once."""
    row = {"plan_id": plan_id, "operator": operator, "at": now, "used_at": None}
    statement = insert(connection, _CONFIRMATION).values(**row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["plan_id"], set_=row))


async def is_confirmed(connection: AsyncConnection, plan_id: str) -> bool:
    """Tell whether a person confirmed exactly this plan and it was not applied since."""
    unused = _CONFIRMATION.c.used_at.is_(None)
    found = await connection.execute(select(_CONFIRMATION.c.id).where(_CONFIRMATION.c.plan_id == plan_id, unused))
    return found.scalar() is not None


async def use_up(connection: AsyncConnection, plan_id: str, now: datetime) -> None:
    """Note that a plan was applied: the same harm later wants a person's word again."""
    unused = _CONFIRMATION.c.used_at.is_(None)
    await connection.execute(
        update(_CONFIRMATION).where(_CONFIRMATION.c.plan_id == plan_id, unused).values(used_at=now)
    )
