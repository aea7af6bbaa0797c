"""What alignment took from guests, for the harm guard to look back at, and what a person confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, distinct, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.harm import Harm
from connector.store.rows import batches, insert, table
from connector.store.suspense import STANDING
from connector.store.tables import loyalty, members
from connector.store.tables.running import Suspense

_HARM, _CONFIRMATION = table(members.Harm), table(members.Confirmation)
_MEMBERSHIP, _CASE = table(loyalty.Membership), table(Suspense)
_REFUSED = "refused"  # the kind of a row about harm that was not done; its plan is nothing but that harm
_UNDONE = and_(
    _HARM.c.deletes.is_(True),
    exists().where(_MEMBERSHIP.c.id == _HARM.c.membership_id, _MEMBERSHIP.c.deleted.is_(False)),
)


async def note(
    connection: AsyncConnection,
    harms: Sequence[tuple[str, str]],
    plan_id: str,
    now: datetime,
    *,
    deletes: bool = False,
) -> int:
    """Note harmful changes: (kind, membership id); ``deletes`` tells our deletions from those by staff.

    ``plan_id`` is that of a confirmed plan, "" without a confirmation. Return a mark by which they can be taken back.
    """
    mark = (await connection.execute(select(func.max(_HARM.c.id)))).scalar() or 0
    rows = [
        {"at": now, "kind": kind, "membership_id": each, "plan_id": plan_id, "deletes": deletes} for kind, each in harms
    ]
    if rows:
        await connection.execute(_HARM.insert(), rows)
    return int(mark)


async def take_back(connection: AsyncConnection, membership_ids: Sequence[str], mark: int) -> None:
    """Remove what was noted after a mark about memberships that Mews provably left as they were."""
    for ids in batches(membership_ids, 5000):
        await connection.execute(delete(_HARM).where(_HARM.c.id > mark, _HARM.c.membership_id.in_(ids)))


async def note_refused(connection: AsyncConnection, refused: Mapping[str, str], now: datetime) -> None:
    """Note what Mews refused, by membership ("" where it is no harm), in place of what it refused before."""
    await forget_refused(connection, list(refused))
    rows = [
        {"at": now, "kind": _REFUSED, "membership_id": each, "plan_id": harm, "deletes": False}
        for each, harm in refused.items()
        if harm
    ]
    if rows:
        await connection.execute(_HARM.insert(), rows)


async def forget_refused(connection: AsyncConnection, membership_ids: Sequence[str]) -> None:
    """Remove what Mews refused about memberships that it wrote since."""
    for ids in batches(membership_ids, 5000):
        await connection.execute(delete(_HARM).where(_HARM.c.kind == _REFUSED, _HARM.c.membership_id.in_(ids)))


async def refused(connection: AsyncConnection, reason: str) -> dict[str, str]:
    """Return what Mews refused, by membership, as long as the case of this reason stands that says so."""
    told = and_(_CASE.c.subject_kind == "membership", _CASE.c.subject_id == _HARM.c.membership_id)
    found = select(_HARM.c.membership_id, _HARM.c.plan_id).where(
        _HARM.c.kind == _REFUSED, exists().where(told, _CASE.c.reason == reason, STANDING)
    )
    return {row[0]: row[1] for row in await connection.execute(found)}


async def doubtful_deletions(connection: AsyncConnection, start: datetime) -> list[datetime]:
    """Return when deletions that the mirror does not show were noted, from a moment on."""
    found = select(_HARM.c.at).where(_HARM.c.at >= start, _UNDONE).distinct().order_by(_HARM.c.at)
    return list((await connection.execute(found)).scalars())


async def forget_deletions(connection: AsyncConnection, start: datetime, end: datetime) -> None:
    """Note that deletions of a time had no effect, because Mews has listed all deleted memberships since.

    Whoever deletes such a membership later is not this product.
    """
    when = (_HARM.c.at >= start, _HARM.c.at <= end)
    await connection.execute(update(_HARM).where(*when, _UNDONE).values(deletes=False))


async def counted(
    connection: AsyncConnection, removed: Sequence[str], changed: Sequence[str], start: datetime
) -> tuple[int, int]:
    """Return how many of the memberships to be removed, and to be changed otherwise, ``since`` counts as such."""
    removals = changes = 0
    for ids in batches(removed, 5000):
        removals += (await _count(connection, start, _HARM.c.membership_id.in_(ids)))[0]
    for ids in batches(changed, 5000):
        changes += (await _count(connection, start, _HARM.c.membership_id.in_(ids)))[1]
    return removals, changes


async def since(connection: AsyncConnection, start: datetime) -> tuple[int, int]:
    """Return how many memberships unconfirmed harm befell since a moment: by removal, and by any other kind.

    One counts once in each, however often it was written: a batch that is sent again notes its harm again.
    """
    return await _count(connection, start)


async def _count(connection: AsyncConnection, start: datetime, *also: ColumnElement[bool]) -> tuple[int, int]:
    confirmed = select(_CONFIRMATION.c.plan_id)
    removal = _HARM.c.kind == Harm.REMOVAL
    removed, changed = (func.count(distinct(case((each, _HARM.c.membership_id)))) for each in (removal, ~removal))
    rows = await connection.execute(
        select(removed, changed).where(
            _HARM.c.at >= start,
            _HARM.c.kind != _REFUSED,
            or_(_HARM.c.plan_id == "", _HARM.c.plan_id.not_in(confirmed)),
            *also,
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


async def is_applied(connection: AsyncConnection, plan_id: str, since: datetime) -> bool:
    """Tell whether anything of a confirmed plan was written from a moment on."""
    found = select(_HARM.c.id).where(_HARM.c.plan_id == plan_id, _HARM.c.at >= since).limit(1)
    return (await connection.execute(found)).first() is not None


async def confirmed_others(connection: AsyncConnection, plan_id: str) -> list[str]:
    """Return the other plans that a person confirmed and that were not applied since."""
    unused = _CONFIRMATION.c.used_at.is_(None)
    found = select(_CONFIRMATION.c.plan_id).where(unused, _CONFIRMATION.c.plan_id != plan_id)
    return list((await connection.execute(found)).scalars())


async def use_up(connection: AsyncConnection, plan_id: str, now: datetime) -> None:
    """Note that a plan was applied: the same harm later wants a person's word again."""
    unused = _CONFIRMATION.c.used_at.is_(None)
    await connection.execute(
        update(_CONFIRMATION).where(_CONFIRMATION.c.plan_id == plan_id, unused).values(used_at=now)
    )
