"""The memberships by which stays were awarded, and the stays that one of them changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Membership
from connector.store.exclusion import DECIDING, alone
from connector.store.rows import among, batches, table
from connector.store.tables import ledger, loyalty, stays

_MEMBERSHIP, _AWARD, _CLAIM = table(loyalty.Membership), table(ledger.Award), table(ledger.Claim)
_RESERVATION = table(stays.Reservation)
_COLUMNS = tuple(_MEMBERSHIP.c[name] for name in Membership._fields)


async def memberships(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Membership]:
    """Return memberships by id, deleted ones included."""
    found: dict[str, Membership] = {}
    for some in batches(ids, 5000):
        rows = await connection.execute(select(*_COLUMNS).where(among(connection, _MEMBERSHIP.c.id, some)))
        found.update((row.id, Membership(*row)) for row in rows)
    return found


async def touched(connection: AsyncConnection, shown: Sequence[Membership]) -> set[str]:
    """Return the guests of whom a membership is new, gone, or has another number than is stored.

    Where nothing is awarded yet nobody is looked for: those many memberships decide nothing again.
    """
    await alone(connection, DECIDING)
    if (await connection.execute(select(_AWARD.c.id).limit(1))).scalar() is None:
        return set()
    known: dict[str, tuple[str, str | None, bool]] = {}
    columns = (_MEMBERSHIP.c.id, _MEMBERSHIP.c.account_id, _MEMBERSHIP.c.number, _MEMBERSHIP.c.deleted)
    for ids in batches([each.id for each in shown], 5000):
        rows = await connection.execute(select(*columns).where(among(connection, _MEMBERSHIP.c.id, ids)))
        known.update((row[0], (row[1], row[2], row[3])) for row in rows)
    return {each.account_id for each in shown if known.get(each.id) != (each.account_id, each.number, each.deleted)}


async def accounts(connection: AsyncConnection, membership_ids: Collection[str]) -> set[str]:
    """Return whose memberships these are."""
    statement = select(_MEMBERSHIP.c.account_id).where(among(connection, _MEMBERSHIP.c.id, membership_ids))
    return set((await connection.execute(statement)).scalars())


async def decide_again(connection: AsyncConnection, account_ids: Collection[str]) -> None:
    """Make the stays dirty that were awarded by a membership of these guests."""
    if not account_ids:
        return
    await alone(connection, DECIDING)
    earned = (
        select(_CLAIM.c.reservation_id)
        .join(_AWARD, _AWARD.c.id == _CLAIM.c.award_id)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.id == _AWARD.c.membership_id)
        .where(among(connection, _MEMBERSHIP.c.account_id, account_ids))
    )
    await connection.execute(update(_RESERVATION).where(_RESERVATION.c.id.in_(earned)).values(dirty=True))
