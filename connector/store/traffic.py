"""When the accounts of a partner last worked, by their newest messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import GIVEN, State
from connector.store.rows import table
from connector.store.tables.ledger import Message

_MESSAGE = table(Message)
_FAILED = (State.REFUSED, State.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Traffic:
    """When an account of a partner last took a message, and when one was last refused or left in doubt."""

    taken_at: datetime | None
    failed_at: datetime | None


async def traffic(connection: AsyncConnection, partner: str, account: str, since: datetime) -> Traffic:
    """Return when an account of a partner last worked, and when it last did not, by messages first sent ``since``."""
    ours = (_MESSAGE.c.partner == partner, _MESSAGE.c.account == account, _MESSAGE.c.first_sent_at >= since)
    taken = select(func.max(_MESSAGE.c.settled_at)).where(*ours, _MESSAGE.c.state.in_([*GIVEN]))
    failed = select(func.max(_MESSAGE.c.last_sent_at)).where(*ours, _MESSAGE.c.state.in_(_FAILED))
    return Traffic((await connection.execute(taken)).scalar(), (await connection.execute(failed)).scalar())
