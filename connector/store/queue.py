"""What the ledger still has to do, and how the partners are: counts, ages and circuits, never a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import GIVEN, State
from connector.store.rows import table
from connector.store.tables import running
from connector.store.tables.ledger import Message

_MESSAGE, _CIRCUIT = table(Message), table(running.Circuit)
UNFINISHED = (State.HELD, State.READY, State.IN_FLIGHT, State.IN_DOUBT, State.SUSPENDED, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one partner in one state; ``oldest`` is when the first of them was made, ``due`` the next try."""

    partner: str
    state: str
    count: int
    miles: int
    oldest: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Circuit:
    """A remote system's circuit: open since ``opened_at``, or closed after so many failures in a row."""

    key: str
    failures: int
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """When an account of a partner last took a message, and when one was last refused or left in doubt."""

    taken_at: datetime | None
    failed_at: datetime | None


async def waiting(connection: AsyncConnection) -> list[Waiting]:
    """Return what is not at its end, by partner and state."""
    c = _MESSAGE.c
    sums = (func.count(), func.sum(c.miles), func.min(c.created_at), func.min(c.due_at))
    rows = await connection.execute(
        select(c.partner, c.state, *sums)
        .where(c.state.in_(UNFINISHED))
        .group_by(c.partner, c.state)
        .order_by(c.partner, c.state)
    )
    return [Waiting(row[0], row[1], row[2], int(row[3]), row[4], row[5]) for row in rows]


async def circuits(connection: AsyncConnection) -> dict[str, Circuit]:
    """Return every circuit that was ever used, by its key."""
    rows = await connection.execute(select(_CIRCUIT.c.key, _CIRCUIT.c.failures, _CIRCUIT.c.opened_at))
    return {row[0]: Circuit(*row) for row in rows}


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
