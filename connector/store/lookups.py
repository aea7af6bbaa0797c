"""What is looked for in a partner's books: what it accepted, and what may or may not have reached it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.ledger import GIVEN, OPEN_LANE, State
from connector.errors import Conflict
from connector.store.ledger import MESSAGE_COLUMNS, message
from connector.store.rows import among, table
from connector.store.tables import ledger as tables

_MESSAGE, _LANE = table(tables.Message), table(tables.Lane)
_UNCONFIRMED = (*OPEN_LANE, State.ACCEPTED, State.SUSPENDED)  # may still turn up in the books


async def due(
    connection: AsyncConnection, partner: str, now: datetime, limit: int, *, account: str = "", doubts_below: int = 0
) -> list[Message]:
    """Return messages of an account that are to be looked for now, oldest first.

    Those that the partner accepted, and doubts that its books did not show ``doubts_below`` times yet.
    """
    doubts = and_(_MESSAGE.c.state == State.IN_DOUBT, _MESSAGE.c.absences < doubts_below)
    rows = await connection.execute(
        select(*MESSAGE_COLUMNS)
        .where(
            _MESSAGE.c.partner == partner,
            _MESSAGE.c.account == account,
            _MESSAGE.c.state.in_([State.ACCEPTED, State.IN_DOUBT]),
            or_(_MESSAGE.c.state == State.ACCEPTED, doubts),
            _MESSAGE.c.due_at <= now,
        )
        .order_by(_MESSAGE.c.due_at, _MESSAGE.c.key)
        .limit(limit)
    )
    return [message(row) for row in rows]


async def moved(connection: AsyncConnection, partner: str, lanes: Collection[str]) -> list[Message]:
    """Return the messages in some members' lanes that moved miles, or may have."""
    sent = and_(_MESSAGE.c.state == State.SUSPENDED, _MESSAGE.c.last_sent_at.is_not(None))
    rows = await connection.execute(
        select(*MESSAGE_COLUMNS).where(
            _MESSAGE.c.partner == partner,
            among(connection, _MESSAGE.c.lane, lanes),
            or_(_MESSAGE.c.state.in_([*GIVEN, *OPEN_LANE]), sent),
        )
    )
    return [message(row) for row in rows]


async def as_they_were(connection: AsyncConnection, messages: Sequence[Message]) -> set[str]:
    """Return the keys of messages that are as they were when they were looked for, and hold them until the end.

    Another process may have looked as well, and was quicker.
    """
    found = (
        select(_MESSAGE.c.key, _MESSAGE.c.state, _MESSAGE.c.absences)
        .where(among(connection, _MESSAGE.c.key, [each.key for each in messages]))
        .with_for_update(skip_locked=True)
    )
    now = {row[0]: (row[1], row[2]) for row in await connection.execute(found)}
    return {each.key for each in messages if now.get(each.key) == (each.state, each.absences)}


async def keep_marks(connection: AsyncConnection, marks: Mapping[str, str], owner: str) -> None:
    """Store what the partner's books were before the first send of messages, by key.

    Raises Conflict when one is not in flight for this owner any more: then it must not be sent.
    """
    if not marks:
        return
    flying = and_(_MESSAGE.c.state == State.IN_FLIGHT, _MESSAGE.c.owner == owner)
    statement = update(_MESSAGE).where(_MESSAGE.c.key == bindparam("_key"), flying).values(mark=bindparam("_mark"))
    rows = [{"_key": key, "_mark": mark} for key, mark in marks.items()]
    if (await connection.execute(statement, rows)).rowcount != len(rows):
        raise Conflict("ledger: a message changed its state meanwhile; it is not sent")


async def look_again(connection: AsyncConnection, messages: Sequence[tuple[Message, int, datetime]]) -> None:
    """Store when messages are to be looked for again, and how often the books did not show them."""
    if not messages:
        return
    statement = (
        update(_MESSAGE)
        .where(_MESSAGE.c.key == bindparam("_key"), _MESSAGE.c.state == bindparam("_state"))
        .values(absences=bindparam("_absences"), due_at=bindparam("_due_at"))
    )
    rows = [
        {"_key": each.key, "_state": each.state, "_absences": absences, "_due_at": due_at}
        for each, absences, due_at in messages
    ]
    await connection.execute(statement, rows)


async def leave_settled_lanes(connection: AsyncConnection, partner: str) -> None:
    """Free the lanes of messages that a person settled meanwhile: they cannot turn up in the books any more."""
    settled = select(_MESSAGE.c.key).where(
        _MESSAGE.c.key == _LANE.c.message_key, _MESSAGE.c.state.not_in([*_UNCONFIRMED])
    )
    await connection.execute(delete(_LANE).where(_LANE.c.partner == partner, settled.exists()))
