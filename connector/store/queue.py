"""What the ledger holds in figures: messages by state with their ages, and the miles; read from one index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN
from connector.store.rows import table
from connector.store.tables import ledger as tables

_MESSAGE = table(tables.Message)


@dataclass(frozen=True, slots=True)
class Lot:
    """The messages of a partner in one state: how many, since when the oldest stands in the ledger, their miles.

    Miles of reversals count below zero.
    """

    partner: str
    state: str
    count: int
    oldest: datetime
    miles: int


async def lots(connection: AsyncConnection) -> list[Lot]:
    """Return every lot, by partner and state."""
    signed = case((_MESSAGE.c.kind == Kind.REVERSAL, -_MESSAGE.c.miles), else_=_MESSAGE.c.miles)
    by = (_MESSAGE.c.partner, _MESSAGE.c.state)
    rows = await connection.execute(
        select(*by, func.count(), func.min(_MESSAGE.c.created_at), func.sum(signed)).group_by(*by).order_by(*by)
    )
    return [Lot(row[0], row[1], int(row[2]), row[3], int(row[4])) for row in rows]


def given(found: list[Lot]) -> dict[str, int]:
    """Return the miles that each partner gave: credited and accepted, less reversed."""
    miles = dict.fromkeys((each.partner for each in found), 0)
    for each in found:
        if each.state in GIVEN:
            miles[each.partner] += each.miles
    return miles
