"""Messages that wait for reversals, with what they wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.store.ledger import MESSAGE_COLUMNS, message
from connector.store.rows import table
from connector.store.suspense import OPEN
from connector.store.tables import ledger as tables
from connector.store.tables.running import Suspense

_MESSAGE, _SUSPENSE = table(tables.Message), table(Suspense)


@dataclass(frozen=True, slots=True)
class Awaited:
    """The state of a message that another one waits for, and when it was last sent."""

    state: State
    sent_at: datetime | None


async def is_any(connection: AsyncConnection, partner: str) -> bool:
    """Tell whether a message may wait: mostly none does, which is known without writing."""
    mine = and_(_MESSAGE.c.partner == partner, _MESSAGE.c.state.in_([State.HELD, State.SUSPENDED]))
    found = select(_MESSAGE.c.key).where(mine, _MESSAGE.c.waits_for.is_not(None)).limit(1)
    return (await connection.execute(found)).first() is not None


async def listing(connection: AsyncConnection, partner: str, reason: str) -> list[tuple[Message, list[Awaited]]]:
    """Return what waits: held messages, and unsent ones that were left to a person by a case of ``reason``, while open.

    Each comes with the message that it names and with every accepted reversal of its award: further reversals do not
    wait for those, so the one that it names is not always the last one to be confirmed.
    """
    other = _MESSAGE.alias()
    accepted = and_(other.c.award_id == _MESSAGE.c.award_id, other.c.kind == Kind.REVERSAL)
    awaited = or_(other.c.key == _MESSAGE.c.waits_for, and_(accepted, other.c.state == State.ACCEPTED))
    left = exists().where(
        _SUSPENSE.c.subject_kind == "message",
        _SUSPENSE.c.subject_id == _MESSAGE.c.key,
        _SUSPENSE.c.reason == reason,
        OPEN,
    )
    waits = or_(
        _MESSAGE.c.state == State.HELD,
        and_(_MESSAGE.c.state == State.SUSPENDED, _MESSAGE.c.last_sent_at.is_(None), left),
    )
    rows = await connection.execute(
        select(*MESSAGE_COLUMNS, other.c.state, other.c.last_sent_at)
        .join(other, and_(awaited, other.c.key != _MESSAGE.c.key))
        .where(
            _MESSAGE.c.partner == partner,
            _MESSAGE.c.state.in_([State.HELD, State.SUSPENDED]),
            _MESSAGE.c.waits_for.is_not(None),
            waits,
        )
        .order_by(_MESSAGE.c.key)
        .with_for_update(of=_MESSAGE, skip_locked=True)
    )
    found: dict[str, tuple[Message, list[Awaited]]] = {}
    for row in rows:
        each = found.setdefault(row.key, (message(row[:-2]), []))
        each[1].append(Awaited(State(row[-2]), row[-1]))
    return list(found.values())
