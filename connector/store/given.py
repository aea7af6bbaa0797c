"""What members are given at a partner by the ledger's awards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.grants import SEATS
from connector.domain.ledger import State
from connector.store.rows import among, table
from connector.store.tables import ledger as tables

_AWARD, _MESSAGE = table(tables.Award), table(tables.Message)
_NOTHING = frozenset({State.REFUSED, State.VOID, State.SUPERSEDED})
_REHEARSED = frozenset({State.SHADOW, State.TEST})


async def given(
    connection: AsyncConnection, partner: str, numbers: Collection[str], *, live: bool
) -> list[tuple[str, str, date, int]]:
    """Return (member number, award id, departure, miles) of what stays give these members at a partner.

    An award of which the partner took nothing gives nothing, and what was rehearsed does not count in live mode. What
    was granted, or exchanged for points, is no stay.
    """
    void = _NOTHING | _REHEARSED if live else _NOTHING
    credited = exists().where(
        _MESSAGE.c.award_id == _AWARD.c.id, _MESSAGE.c.kind == Kind.CREDIT, _MESSAGE.c.state.not_in(sorted(void))
    )
    rows = await connection.execute(
        select(_AWARD.c.member_number, _AWARD.c.id, _AWARD.c.departure, _AWARD.c.miles).where(
            _AWARD.c.partner == partner,
            among(connection, _AWARD.c.member_number, numbers),
            _AWARD.c.seat.not_in(SEATS),
            _AWARD.c.miles > 0,
            credited,
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def since(connection: AsyncConnection, partner: str, account: str, moment: datetime) -> int:
    """Return the miles of an account's credits that were first sent since a moment, and that the partner took.

    Reversals are no part of it: whether a partner returns what a credit cost is its own matter.
    """
    statement = select(func.coalesce(func.sum(_MESSAGE.c.miles), 0)).where(
        _MESSAGE.c.partner == partner,
        _MESSAGE.c.account == account,
        _MESSAGE.c.kind == Kind.CREDIT,
        _MESSAGE.c.state.in_([State.CREDITED, State.ACCEPTED]),
        _MESSAGE.c.first_sent_at >= moment,
    )
    return int((await connection.execute(statement)).scalar_one())
