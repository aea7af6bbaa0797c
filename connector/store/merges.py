"""Merged guests: their links go along to the profile that lives."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CTE, Select, and_, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import Doubt
from connector.store import suspense
from connector.store.rows import batches, table
from connector.store.tables import loyalty, members

_LINK, _GUEST, _MEMBERSHIP = table(members.Link), table(loyalty.Guest), table(loyalty.Membership)


async def follow(connection: AsyncConnection, now: datetime) -> int:
    """Move the links of merged guests to the profile that lives; return how many moved.

    A membership that went there too is still the member's. Where it was seen there before the merge was, its link had
    ended as if staff had moved it, and lives again unless a person has said since that it shall not.
    """
    moved = 0
    merged = select(_GUEST.c.id).where(_GUEST.c.merge_target_id.is_not(None))
    target = select(_GUEST.c.merge_target_id).where(_GUEST.c.id == _LINK.c.account_id).scalar_subquery()
    membership = case((or_(_TOGETHER, _FURTHER), _LINK.c.membership_id), else_=None)
    for _ in range(10):  # merges of merges; a longer chain is a loop
        await _revive(connection, now)
        statement = update(_LINK).where(_LINK.c.account_id.in_(merged))
        step = (await connection.execute(statement.values(account_id=target, membership_id=membership))).rowcount
        moved += step
        if not step:
            break
    return moved


def survivors(named: Select[tuple[str, str]]) -> CTE:
    """Return rows (member_id, account_id) with those of every profile into which theirs was merged, directly or not."""
    found = named.cte("named", recursive=True)
    further = select(found.c.member_id, _GUEST.c.merge_target_id).join(_GUEST, _GUEST.c.id == found.c.account_id)
    return found.union(further.where(_GUEST.c.merge_target_id.is_not(None)))


async def _revive(connection: AsyncConnection, now: datetime) -> None:
    open_ = suspense.has("member", _LINK.c.member_id, Doubt.UNLINKED_BY_STAFF, suspense.OPEN)
    ended = and_(_LINK.c.unlinked_at.is_not(None), _LINK.c.unlinked_by.is_(None))
    found = list((await connection.execute(select(_LINK.c.member_id).where(ended, _TOGETHER, open_))).scalars())
    for ids in batches(found, 5000):
        await connection.execute(update(_LINK).where(_LINK.c.member_id.in_(ids)).values(unlinked_at=None))
    await suspense.close_cases(connection, "member", found, now, reasons=[Doubt.UNLINKED_BY_STAFF])


_TARGET = _GUEST.alias()
_SOURCE = _GUEST.c.id == _LINK.c.account_id
# the membership is where the guest of the link was merged to
_TOGETHER = exists().where(
    _SOURCE,
    _MEMBERSHIP.c.id == _LINK.c.membership_id,
    _MEMBERSHIP.c.account_id == _GUEST.c.merge_target_id,
    _MEMBERSHIP.c.deleted.is_(False),
)
# that profile was merged itself
_FURTHER = exists().where(_SOURCE, _TARGET.c.id == _GUEST.c.merge_target_id, _TARGET.c.merge_target_id.is_not(None))
