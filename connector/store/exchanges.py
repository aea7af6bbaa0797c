"""The ledger's awards for points, as the scheme is told of them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.exchanges import Answer
from connector.store.rows import table
from connector.store.tables import ledger as tables

_AWARD, _MESSAGE = table(tables.Award), table(tables.Message)
_SEAT = "exchange"


async def answers(connection: AsyncConnection, partner: str, after: str, limit: int) -> list[Answer]:
    """Return what became of up to ``limit`` requests, by reference, beginning after one."""
    rows = await connection.execute(
        select(_AWARD.c.root_id, _MESSAGE.c.state, _MESSAGE.c.miles, _MESSAGE.c.reference, _MESSAGE.c.settled_at)
        .join(_MESSAGE, _MESSAGE.c.award_id == _AWARD.c.id)
        .where(
            _AWARD.c.partner == partner,
            _AWARD.c.seat == _SEAT,
            _AWARD.c.root_id > f"{_SEAT}/{after}",
            _MESSAGE.c.kind == "credit",
            _MESSAGE.c.revision == _AWARD.c.revision,
        )
        .order_by(_AWARD.c.root_id)
        .limit(limit)
    )
    return [Answer(row[0].removeprefix(f"{_SEAT}/"), *row[1:]) for row in rows]


async def standing(connection: AsyncConnection, partner: str) -> str:
    """Return what changes whenever a request's message changes its state."""
    rows = await connection.execute(
        select(_MESSAGE.c.state, func.count())
        .join(_AWARD, _MESSAGE.c.award_id == _AWARD.c.id)
        .where(_AWARD.c.partner == partner, _AWARD.c.seat == _SEAT)
        .group_by(_MESSAGE.c.state)
        .order_by(_MESSAGE.c.state)
    )
    return ", ".join(f"{state} {count}" for state, count in rows)
