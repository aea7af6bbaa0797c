"""What others changed in Mews about the memberships that this product manages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, case, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.edits import WINDOW, WORDS, Edit, digest
from connector.domain.loyalty import Membership
from connector.store.rows import among, batches, insert, table
from connector.store.tables import loyalty, members

_EDIT, _LINK = table(members.Edit), table(members.Link)
_MEMBERSHIP = table(loyalty.Membership)


async def note(connection: AsyncConnection, memberships: Sequence[Membership], now: datetime) -> None:
    """Note what differs between memberships as Mews shows them and as they are known; only linked ones count.

    What this product wrote is known already, so that it is not among the differences. One that came twice, because it
    was changed while its pages were walked, counts once.
    """
    if (await connection.execute(select(_LINK.c.member_id).limit(1))).first() is None:
        return  # the first reading of a chain
    memberships = list({membership.id: membership for membership in memberships}.values())
    known = await _linked(connection, [membership.id for membership in memberships])
    if not known:
        return
    rows = [
        {
            "membership_id": shown.id,
            "name": name,
            "before": digest(before[name]),
            "after": digest(getattr(shown, name)),
            "times": 1,
            "first_at": now,
            "last_at": now,
        }
        for shown in memberships
        if (before := known.get(shown.id)) is not None
        for name in WORDS
        if before[name] != getattr(shown, name)
    ]
    if not rows:
        return
    statement = insert(connection, _EDIT)
    new = statement.excluded
    recent = _EDIT.c.last_at >= now - WINDOW
    statement = statement.on_conflict_do_update(
        index_elements=["membership_id", "name"],
        set_={
            # nobody put back what was noted, so this edit goes on from it, and what the scheme says lies before both
            "before": case((_EDIT.c.after == new.before, _EDIT.c.before), else_=new.before),
            "after": new.after,
            "times": case((recent, _EDIT.c.times + 1), else_=1),
            "first_at": case((recent, _EDIT.c.first_at), else_=new.first_at),
            "last_at": new.last_at,
        },
    )
    await connection.execute(statement, rows)


async def _linked(connection: AsyncConnection, membership_ids: Sequence[str]) -> dict[str, RowMapping]:
    """Return what is known of those of the memberships that are linked to a member."""
    columns = [_MEMBERSHIP.c.id, *(_MEMBERSHIP.c[name] for name in WORDS)]
    mine = and_(_LINK.c.membership_id == _MEMBERSHIP.c.id, _LINK.c.unlinked_at.is_(None))
    found: dict[str, RowMapping] = {}
    for ids in batches(membership_ids, 5000):
        linked = select(*columns).join(_LINK, mine).where(among(connection, _MEMBERSHIP.c.id, ids))
        found.update((row.id, row._mapping) for row in await connection.execute(linked))
    return found


async def of(connection: AsyncConnection, membership_ids: Sequence[str]) -> Mapping[str, Mapping[str, Edit]]:
    """Return the edits of memberships, by membership and field."""
    found: dict[str, dict[str, Edit]] = {}
    if not await some(connection):
        return found
    columns = (_EDIT.c.membership_id, _EDIT.c.name, _EDIT.c.before, _EDIT.c.after, _EDIT.c.times, _EDIT.c.last_at)
    for ids in batches(membership_ids, 5000):
        for row in await connection.execute(select(*columns).where(_EDIT.c.membership_id.in_(ids))):
            found.setdefault(row[0], {})[row[1]] = Edit(*row[2:])
    return found


async def some(connection: AsyncConnection) -> bool:
    """Tell whether there is any edit at all: mostly there is none, and thousands of pages need not ask further."""
    return (await connection.execute(select(_EDIT.c.name).limit(1))).scalar() is not None


async def forget(connection: AsyncConnection, names: Mapping[str, Sequence[str]]) -> None:
    """Remove edits that are none any more, by membership and field."""
    for membership_id, fields in names.items():
        mine = and_(_EDIT.c.membership_id == membership_id, _EDIT.c.name.in_(fields))
        await connection.execute(delete(_EDIT).where(mine))
