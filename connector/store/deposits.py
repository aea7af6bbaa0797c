"""Miles exchanged for points of the scheme: each told by a partner is kept once, and handed over once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.deposits import Deposit, Kept
from connector.store.rows import among, insert, table
from connector.store.tables import events as tables

_DEPOSIT = table(tables.Deposit)
_SAID = ("reference", "member", "points", "token", "at", "reverts", "fault")


class Arrival(StrEnum):
    """What became of a deposit that was told."""

    NEW = "new"
    KNOWN = "known"  # told before, in the same words
    CHANGED = "changed"  # told before in other words, which stand


async def keep(connection: AsyncConnection, partner: str, deposit: Deposit, now: datetime) -> Arrival:
    """Keep a deposit unless its reference is known; say which."""
    said = {name: getattr(deposit, name) for name in _SAID} | {"points": f"{deposit.points:f}"}
    statement = insert(connection, _DEPOSIT).values(partner=partner, received_at=now, **said)
    statement = statement.on_conflict_do_nothing(index_elements=["partner", "reference"])
    if (await connection.execute(statement.returning(_DEPOSIT.c.id))).scalar() is not None:
        return Arrival.NEW
    known = (await named(connection, partner, [deposit.reference]))[deposit.reference]
    return Arrival.KNOWN if known.deposit == deposit else Arrival.CHANGED


async def waiting(connection: AsyncConnection, partner: str, after: int, limit: int) -> list[Kept]:
    """Return up to ``limit`` deposits that the scheme was not told of, by arrival, beginning after a number."""
    mine = (_DEPOSIT.c.partner == partner, _DEPOSIT.c.handed_at.is_(None), _DEPOSIT.c.id > after)
    rows = await connection.execute(select(_DEPOSIT).where(*mine).order_by(_DEPOSIT.c.id).limit(limit))
    return [_kept(row) for row in rows]


async def named(connection: AsyncConnection, partner: str, references: Collection[str]) -> dict[str, Kept]:
    """Return deposits by their reference."""
    found = among(connection, _DEPOSIT.c.reference, references)
    rows = await connection.execute(select(_DEPOSIT).where(_DEPOSIT.c.partner == partner, found))
    return {row.reference: _kept(row) for row in rows}


async def first_reversals(connection: AsyncConnection, partner: str, references: Collection[str]) -> dict[str, int]:
    """Return the number of the first reversal without a fault that came of each of these deposits."""
    theirs = (
        _DEPOSIT.c.partner == partner,
        _DEPOSIT.c.fault == "",
        among(connection, _DEPOSIT.c.reverts, references),
    )
    rows = await connection.execute(
        select(_DEPOSIT.c.reverts, func.min(_DEPOSIT.c.id)).where(*theirs).group_by(_DEPOSIT.c.reverts)
    )
    return {row[0]: row[1] for row in rows}


async def handed(connection: AsyncConnection, numbers: Sequence[int], now: datetime) -> None:
    """Note that the scheme was told of these deposits."""
    await connection.execute(update(_DEPOSIT).where(_DEPOSIT.c.id.in_(numbers)).values(handed_at=now))


def _kept(row: Row[Any]) -> Kept:
    said = {name: getattr(row, name) for name in _SAID} | {"points": Decimal(row.points)}
    return Kept(row.id, Deposit(**said), row.received_at, row.handed_at is not None)
