"""The miles of each day and partner, for a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN
from connector.store.rows import table
from connector.store.tables.ledger import Message

_MESSAGE = table(Message)


async def miles(connection: AsyncConnection, midnights: Sequence[datetime]) -> dict[str, list[int]]:
    """Return the miles that each partner gave, less those it took back, by the day on which they were first sent.

    ``midnights`` begin the days, and the last one ends the last day.
    """
    moment = _MESSAGE.c.first_sent_at
    day = case(*((moment < end, literal(n)) for n, end in enumerate(midnights[1:])))
    signed = case((_MESSAGE.c.kind == Kind.REVERSAL, -_MESSAGE.c.miles), else_=_MESSAGE.c.miles)
    within = and_(moment >= midnights[0], moment < midnights[-1])
    rows = await connection.execute(
        select(_MESSAGE.c.partner, day.label("day"), func.sum(signed))
        .where(within, _MESSAGE.c.state.in_([*GIVEN]))
        .group_by(_MESSAGE.c.partner, "day")
    )
    found: dict[str, list[int]] = {}
    for partner, n, total in rows:
        found.setdefault(partner, [0] * (len(midnights) - 1))[n] = int(total)
    return found
