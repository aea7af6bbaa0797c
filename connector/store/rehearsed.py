"""What was rehearsed and would have been said: the newest shadow credit of each award."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit, Kind
from connector.domain.ledger import State
from connector.domain.ruling import Status
from connector.store.codec import decode
from connector.store.rows import table
from connector.store.tables import ledger, stays

_AWARD, _MESSAGE, _DECISION = table(ledger.Award), table(ledger.Message), table(stays.Decision)
_LATER = _MESSAGE.alias("later")
_REHEARSED = (_MESSAGE.c.kind == Kind.CREDIT, _MESSAGE.c.state == State.SHADOW)


async def credits_between(connection: AsyncConnection, partner: str, first: date, last: date) -> list[Credit]:
    """Return the credits of a partner's awards that departed in a period, by departure; grants are among them.

    Each says the whole of what its award came to. An award whose stay no longer earns is left out.
    """
    newest = (
        select(func.max(_LATER.c.revision))
        .where(_LATER.c.award_id == _AWARD.c.id, _LATER.c.kind == Kind.CREDIT)
        .scalar_subquery()
    )
    otherwise = exists().where(
        _DECISION.c.partner == partner,
        _DECISION.c.reservation_id == _AWARD.c.root_id,
        _DECISION.c.status != Status.AWARDED,
    )
    rows = await connection.execute(
        select(_MESSAGE.c.credit)
        .join(_AWARD, _AWARD.c.id == _MESSAGE.c.award_id)
        .where(
            *_REHEARSED,
            _AWARD.c.partner == partner,
            _AWARD.c.departure.between(first, last),
            _MESSAGE.c.revision == newest,
            ~otherwise,
        )
        .order_by(_AWARD.c.departure, _MESSAGE.c.key)
    )
    return [decode(Credit, each) for each in rows.scalars()]
