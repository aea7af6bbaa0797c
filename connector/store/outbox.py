"""The sending side of the ledger: which messages are due, who sends them, one per member at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import GIVEN, OPEN_LANE, State
from connector.ports import PartnerRequest
from connector.store.ledger import MESSAGE_COLUMNS, message
from connector.store.leftovers import of_live
from connector.store.pauses import of_property
from connector.store.rows import insert, listed, packed, table
from connector.store.tables import ledger as tables

_MESSAGE, _LANE = table(tables.Message), table(tables.Lane)


async def due(
    connection: AsyncConnection,
    partner: str,
    now: datetime,
    limit: int,
    *,
    account: str = "",
    absences: int = 0,
    exempt: bool = False,
    paused: Collection[str] = (),
    rehearsed_since: datetime | None = None,
) -> list[Message]:
    """Return messages of an account that may be sent now, oldest first: ready ones and doubts to be resolved.

    A message whose lane another one holds is left out, and so is one that another process looks at. ``absences``: only
    doubts that the partner's books did not show as often as that. ``exempt``: only reversals and what was sent before,
    which no bound holds back; of the properties that are ``paused``, these only. ``rehearsed_since``: nothing
    that belongs to live mode, which ended then.
    """
    statement = _oldest(exempt, frozenset(paused), rehearsed_since is not None)
    own = {"partner": partner, "account": account, "now": now, "limit": limit, "since": rehearsed_since}
    found: list[Message] = []
    for state, shown in ((State.READY, 0), (State.IN_DOUBT, absences)):  # an index holds the order of each state
        rows = await connection.execute(statement, own | {"state": state.value, "absences": shown})
        found += [message(row) for row in rows]
    return sorted(found, key=attrgetter("due_at"))[:limit]


@lru_cache(maxsize=16)
def _oldest(exempt: bool, paused: frozenset[str], rehearsing: bool) -> Select[Any]:
    bounded = [] if exempt else [not_(of_property(sorted(paused)))] if paused else [true()]
    return (
        select(*MESSAGE_COLUMNS)
        .where(
            _of(bindparam("partner"), bindparam("account"), bindparam("now")),
            _MESSAGE.c.state == bindparam("state"),
            _MESSAGE.c.absences >= bindparam("absences"),
            or_(_MESSAGE.c.kind == Kind.REVERSAL, _MESSAGE.c.last_sent_at.is_not(None), *bounded),
            ~of_live(bindparam("since")) if rehearsing else true(),
        )
        .order_by(_MESSAGE.c.due_at, _MESSAGE.c.created_at)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )


async def is_due(
    connection: AsyncConnection,
    partner: str,
    now: datetime,
    *,
    account: str = "",
    absences: int = 0,
    rehearsed_since: datetime | None = None,
) -> bool:
    """Tell whether a message of an account may be sent now, but for what a bound holds back."""
    doubt = and_(_MESSAGE.c.state == State.IN_DOUBT, _MESSAGE.c.absences >= absences)
    found = select(_MESSAGE.c.key).where(_of(partner, account, now), or_(_MESSAGE.c.state == State.READY, doubt))
    if rehearsed_since is not None:
        found = found.where(~of_live(rehearsed_since))
    return (await connection.execute(found.limit(1))).first() is not None


def _of(partner: Any, account: Any, now: Any) -> ColumnElement[bool]:
    """Return that a message of an account has come due, and that no other one is on its way to the same member."""
    busy = exists().where(
        _LANE.c.partner == _MESSAGE.c.partner,
        _LANE.c.lane == _MESSAGE.c.lane,
        _LANE.c.message_key != _MESSAGE.c.key,
    )
    return and_(_MESSAGE.c.partner == partner, _MESSAGE.c.account == account, _MESSAGE.c.due_at <= now, ~busy)


async def postpone(
    connection: AsyncConnection, partner: str, now: datetime, until: datetime, *, account: str = ""
) -> int:
    """Let what is due and was never sent wait until a moment; return how many messages do."""
    unsent = and_(_MESSAGE.c.state == State.READY, _MESSAGE.c.last_sent_at.is_(None), _MESSAGE.c.due_at <= now)
    whose = and_(_MESSAGE.c.partner == partner, _MESSAGE.c.account == account)
    done = await connection.execute(update(_MESSAGE).where(whose, unsent).values(due_at=until))
    return done.rowcount


async def take_lanes(connection: AsyncConnection, messages: Sequence[Message], now: datetime) -> list[Message]:
    """Take the lane of each message's member; return those that hold theirs now."""
    if not messages:
        return []
    rows = [{"partner": each.partner, "lane": each.lane, "message_key": each.key, "taken_at": now} for each in messages]
    rows.sort(key=itemgetter("lane"))  # so that two processes never wait for each other
    statement = insert(connection, _LANE).on_conflict_do_nothing()
    taken = await connection.execute(statement, rows, execution_options={"preserve_rowcount": True})
    if taken.rowcount == len(rows):
        return list(messages)
    keys = [each.key for each in messages]
    held = set((await connection.execute(select(_LANE.c.message_key).where(_LANE.c.message_key.in_(keys)))).scalars())
    return [each for each in messages if each.key in held]


async def leave_lanes(connection: AsyncConnection, keys: Sequence[str]) -> None:
    """Free the lanes that messages hold."""
    if keys:
        dialect = connection.dialect.name
        await connection.execute(_leaving(dialect), {"keys": packed(dialect, keys)})


@cache
def _leaving(dialect: str) -> Delete:
    return delete(_LANE).where(listed(dialect, _LANE.c.message_key, "keys"))


async def requests_of(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, PartnerRequest]:
    """Return the stored bytes of messages that were composed before, by key."""
    if not keys:
        return {}
    rows = await connection.execute(
        select(_MESSAGE.c.key, _MESSAGE.c.path, _MESSAGE.c.content, _MESSAGE.c.headers).where(
            _MESSAGE.c.key.in_(keys), _MESSAGE.c.content.is_not(None)
        )
    )
    return {row[0]: PartnerRequest(row[1], bytes(row[2]), json.loads(row[3])) for row in rows}


async def abandoned(connection: AsyncConnection, now: datetime, unlikely: datetime) -> list[Message]:
    """Return messages whose sender's lease ended, unless another process looks at them: nobody knows their outcome.

    A lease that ends after ``unlikely`` was taken by a clock that was wrong; nobody waits for it.
    """
    over = or_(_MESSAGE.c.lease_until <= now, _MESSAGE.c.lease_until > unlikely)
    rows = await connection.execute(
        select(*MESSAGE_COLUMNS).where(_MESSAGE.c.state == State.IN_FLIGHT, over).with_for_update(skip_locked=True)
    )
    return [message(row) for row in rows]


async def flights_of(connection: AsyncConnection, keys: Sequence[str], owner: str) -> set[str]:
    """Return which of these messages still are in flight for a process, and hold them until the end."""
    mine = and_(_MESSAGE.c.key.in_(keys), _MESSAGE.c.state == State.IN_FLIGHT, _MESSAGE.c.owner == owner)
    return set((await connection.execute(select(_MESSAGE.c.key).where(mine).with_for_update())).scalars())


async def sent_since(connection: AsyncConnection, partner: str, since: datetime, *, account: str = "") -> int:
    """Return the miles of an account's credits first sent since a moment, whatever became of them but refusal."""
    counted = [*GIVEN, *OPEN_LANE, State.SUSPENDED]
    statement = select(func.coalesce(func.sum(_MESSAGE.c.miles), 0)).where(
        _MESSAGE.c.partner == partner,
        _MESSAGE.c.account == account,
        _MESSAGE.c.kind == Kind.CREDIT,
        _MESSAGE.c.state.in_(counted),
        _MESSAGE.c.first_sent_at >= since,
    )
    return int((await connection.execute(statement)).scalar_one())


async def accounts(connection: AsyncConnection, partner: str) -> dict[str, int]:
    """Return how many messages of a partner wait to be sent or resolved, by account."""
    rows = await connection.execute(
        select(_MESSAGE.c.account, func.count())
        .where(_MESSAGE.c.partner == partner, _MESSAGE.c.state.in_([State.READY, State.IN_DOUBT]))
        .group_by(_MESSAGE.c.account)
    )
    return {row[0]: int(row[1]) for row in rows}


async def answered_since(connection: AsyncConnection, partner: str, since: datetime, key: str) -> bool:
    """Tell whether the partner took or refused another message than ``key`` since a moment."""
    final = [State.CREDITED, State.ACCEPTED, State.TEST, State.REFUSED]
    statement = select(_MESSAGE.c.key).where(
        _MESSAGE.c.partner == partner,
        _MESSAGE.c.state.in_(final),
        _MESSAGE.c.settled_at >= since,
        _MESSAGE.c.key != key,
    )
    return (await connection.execute(statement.limit(1))).first() is not None


async def next_due(connection: AsyncConnection, partners: Sequence[str]) -> datetime | None:
    """Return when the next message may be sent again; None if no message waits for a time."""
    statement = select(
        func.min(_MESSAGE.c.lease_until).filter(_MESSAGE.c.state == State.IN_FLIGHT),
        func.min(_MESSAGE.c.due_at).filter(_MESSAGE.c.state.in_([State.READY, State.IN_DOUBT])),
    ).where(_MESSAGE.c.partner.in_(partners))
    moments = [moment for moment in (await connection.execute(statement)).one() if moment is not None]
    return min(moments, default=None)
