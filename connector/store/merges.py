"""Merged guests: their links go along to the profile that lives."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables import loyalty, members

_LINK, _GUEST = table(members.Link), table(loyalty.Guest)


async def follow(connection: AsyncConnection) -> int:
    """Move the links of merged guests to the profile that lives; return how many moved."""
    moved = 0
    merged = select(_GUEST.c.id).where(_GUEST.c.merge_target_id.is_not(None))
    target = select(_GUEST.c.merge_target_id).where(_GUEST.c.id == _LINK.c.account_id).scalar_subquery()
    for _ in range(10):  # merges of merges; a longer chain is a loop
        statement = update(_LINK).where(_LINK.c.account_id.in_(merged))
        step = (await connection.execute(statement.values(account_id=target, membership_id=None))).rowcount
        moved += step
        if not step:
            break
    return moved
