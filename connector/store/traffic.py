"""When the accounts of a partner last worked, by their newest messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import GIVEN, State
from connector.store.rows import table
from connector.store.tables.ledger import Message

_MESSAGE = table(Message)


@dataclass(frozen=True, slots=True)
class Traffic:
    """When an account of a partner last took a message, and when one was last refused or left in doubt."""

    taken_at: datetime | None
    failed_at: datetime | None


async def traffic(connection: AsyncConnection, partner: str, account: str) -> Traffic:
    """Return when an account of a partner last worked, and when it last did not, by the newest messages."""
    failed = [State.REFUSED, State.IN_DOUBT]
    return Traffic(
        taken_at=await _latest(connection, partner, account, _MESSAGE.c.settled_at, _MESSAGE.c.state.in_([*GIVEN])),
        failed_at=await _latest(connection, partner, account, _MESSAGE.c.last_sent_at, _MESSAGE.c.state.in_(failed)),
    )


async def _latest(
    connection: AsyncConnection,
    partner: str,
    account: str,
    moment: ColumnElement[datetime | None],
    which: ColumnElement[bool],
) -> datetime | None:
    """Return a moment of the message that was first sent last: by an index, and no look at the others."""
    ours = and_(_MESSAGE.c.partner == partner, _MESSAGE.c.account == account, _MESSAGE.c.first_sent_at.is_not(None))
    statement = select(moment).where(ours, which).order_by(_MESSAGE.c.first_sent_at.desc()).limit(1)
    found: datetime | None = (await connection.execute(statement)).scalar()
    return found
