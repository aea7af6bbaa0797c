"""What belongs to live mode and waits while its partner is only rehearsed with.

That is what was sent live and is not known to be done, and what corrects miles that were really given: a rehearsal
would end it, and the partner would never hear of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import GIVEN, State
from connector.store.rows import table
from connector.store.tables import ledger as tables

_MESSAGE = table(tables.Message)
_SENT = _MESSAGE.c.last_sent_at.is_not(None)


def of_live(since: Any) -> ColumnElement[bool]:
    """Return which messages that may be sent are none of a rehearsal that began then."""
    given = _MESSAGE.alias()
    before = func.coalesce(_MESSAGE.c.first_sent_at, _MESSAGE.c.last_sent_at) < since
    corrects = exists().where(given.c.award_id == _MESSAGE.c.award_id, given.c.state.in_(sorted(GIVEN)))
    return or_(and_(_SENT, before), corrects)


async def count(
    connection: AsyncConnection, partner: str, since: datetime, *, account: str = "", shown: bool = False
) -> tuple[int, int]:
    """Return how many messages of an account wait for live mode: those that were sent, and those that were not.

    ``shown``: the partner's books are to show what it accepted, so that waits as well.
    """
    waits = and_(_MESSAGE.c.state.in_([State.READY, State.IN_DOUBT]), of_live(since))
    found = or_(waits, _MESSAGE.c.state == State.ACCEPTED) if shown else waits
    statement = select(func.count().filter(_SENT), func.count().filter(~_SENT)).where(
        _MESSAGE.c.partner == partner, _MESSAGE.c.account == account, found
    )
    sent, unsent = (await connection.execute(statement)).one()
    return int(sent), int(unsent)
