"""Messages that were sent and to which no answer is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import OPEN_LANE, State
from connector.store.rows import table
from connector.store.tables import ledger as tables

_AWARD, _MESSAGE = table(tables.Award), table(tables.Message)
_UNANSWERED = or_(
    _MESSAGE.c.state.in_(sorted(OPEN_LANE)),
    and_(_MESSAGE.c.state == State.SUSPENDED, _MESSAGE.c.last_sent_at.is_not(None)),
)


async def by_departure(connection: AsyncConnection, before: date) -> AsyncIterator[tuple[str, date, int, int]]:
    """Yield (partner, departure, messages, miles) of stays that departed before a day."""
    rows = await connection.execute(
        select(_MESSAGE.c.partner, _AWARD.c.departure, func.count(), func.sum(_MESSAGE.c.miles))
        .join(_AWARD, _AWARD.c.id == _MESSAGE.c.award_id)
        .where(_UNANSWERED, _AWARD.c.departure < before)
        .group_by(_MESSAGE.c.partner, _AWARD.c.departure)
    )
    for partner, departure, messages, miles in rows:
        yield partner, departure, messages, int(miles)


async def make_due(connection: AsyncConnection, sent_before: datetime, now: datetime) -> None:
    """Let what was sent before a moment and is in doubt or only accepted be looked at now."""
    await connection.execute(
        update(_MESSAGE)
        .where(
            _MESSAGE.c.state.in_([State.IN_DOUBT, State.ACCEPTED]),
            _MESSAGE.c.last_sent_at < sent_before,
            _MESSAGE.c.due_at > now,
        )
        .values(due_at=now)
    )
