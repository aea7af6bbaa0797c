"""What a restored database keeps of the time that it knows nothing of."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.adoption import LostTime, Trace
from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.store import facts
from connector.store.ledger import MESSAGE_COLUMNS, message
from connector.store.resolutions import Signature
from connector.store.rows import among, batches, table
from connector.store.tables import ledger as tables
from connector.store.tables import stays as stay_tables

_AWARD, _CLAIM, _MESSAGE = table(tables.Award), table(tables.Claim), table(tables.Message)
_HISTORY, _DECISION = table(tables.History), table(stay_tables.Decision)
_RESERVATION, _PROPERTY = table(stay_tables.Reservation), table(stay_tables.Property)
_FACT = "lost time"
_OPEN = (State.HELD, State.READY, State.IN_FLIGHT, State.IN_DOUBT, State.SUSPENDED, State.REFUSED)


async def lost_time(connection: AsyncConnection) -> LostTime | None:
    """Return the lost time; None where the database was never a copy."""
    noted = await facts.read(connection, _FACT)
    if noted is None:
        return None
    body = json.loads(noted)
    return LostTime(datetime.fromisoformat(body["until"]), body["caught_up"])


async def note(connection: AsyncConnection, signature: Signature) -> None:
    """Note that the lost time ends now, and in whose name."""
    body = {"until": signature.at.isoformat(), "caught_up": False, "by": signature.by, "why": signature.why or ""}
    await facts.write(connection, _FACT, json.dumps(body, sort_keys=True))


async def catch_up(connection: AsyncConnection, lost: LostTime) -> None:
    """Note which awards were decided again because of what happened in the lost time: of these nobody is sure."""
    decided_again = (
        select(_CLAIM.c.award_id)
        .join(
            _DECISION,
            (_DECISION.c.partner == _CLAIM.c.partner) & (_DECISION.c.reservation_id == _CLAIM.c.reservation_id),
        )
        .where(_DECISION.c.decided_at >= lost.until)
    )
    before = (_AWARD.c.created_at < lost.until, _AWARD.c.unsure_since.is_(None))
    await connection.execute(
        update(_AWARD).where(*before, _AWARD.c.id.in_(decided_again)).values(unsure_since=lost.until)
    )
    body = json.loads(await facts.read(connection, _FACT) or "{}")
    await facts.write(connection, _FACT, json.dumps(body | {"caught_up": True}, sort_keys=True))


async def last_step(connection: AsyncConnection) -> datetime | None:
    """Return when a message last changed its state: the copy was made after it."""
    found: datetime | None = (await connection.execute(select(func.max(_HISTORY.c.at)))).scalar()
    return found


async def in_state(
    connection: AsyncConnection, states: Collection[State], rehearsing: Collection[str]
) -> list[Message]:
    """Return the messages in some states, but those of partners that are only rehearsed with."""
    rows = await connection.execute(
        select(*MESSAGE_COLUMNS)
        .where(_MESSAGE.c.state.in_(sorted(states)), _MESSAGE.c.partner.not_in(rehearsing))
        .order_by(_MESSAGE.c.partner, _MESSAGE.c.key)
    )
    return [message(row) for row in rows]


async def doubt_the_open(connection: AsyncConnection, now: datetime, rehearsing: Collection[str]) -> None:
    """Note that awards with something open may have moved, and that what waits for a person may have been sent."""
    live = _MESSAGE.c.partner.not_in(rehearsing)
    open_ = select(_MESSAGE.c.award_id).where(_MESSAGE.c.state.in_(_OPEN), live)
    await connection.execute(update(_AWARD).where(_AWARD.c.id.in_(open_)).values(unsure_since=now))
    waits = (_MESSAGE.c.state == State.SUSPENDED, _MESSAGE.c.last_sent_at.is_(None))
    await connection.execute(update(_MESSAGE).where(*waits, live).values(last_sent_at=now))


async def doubt(connection: AsyncConnection, award_ids: Collection[str], since: datetime | None) -> None:
    """Note since when nobody is sure of some awards; None: a person has found out."""
    for ids in batches(list(award_ids), 5000):
        mine = among(connection, _AWARD.c.id, ids)
        await connection.execute(update(_AWARD).where(mine).values(unsure_since=since))


async def traces(connection: AsyncConnection, award_ids: Collection[str]) -> dict[str, Trace]:
    """Return what is known of awards, by id."""
    # a stay whose record has not changed since was over by then, whatever was planned
    left = case(
        (_RESERVATION.c.departed_at.is_(None), _RESERVATION.c.updated),
        (_RESERVATION.c.updated < _RESERVATION.c.departed_at, _RESERVATION.c.updated),
        else_=_RESERVATION.c.departed_at,
    )
    found: dict[str, Trace] = {}
    for ids in batches(list(award_ids), 5000):
        rows = await connection.execute(
            select(
                _AWARD.c.id,
                _AWARD.c.created_at,
                _AWARD.c.unsure_since,
                func.min(left),
                func.min(_PROPERTY.c.editable_seconds),
            )
            .join(_CLAIM, _CLAIM.c.award_id == _AWARD.c.id)
            .outerjoin(_RESERVATION, _RESERVATION.c.id == _CLAIM.c.reservation_id)
            .outerjoin(_PROPERTY, _PROPERTY.c.id == _AWARD.c.property_id)
            .where(among(connection, _AWARD.c.id, ids))
            .group_by(_AWARD.c.id, _AWARD.c.created_at, _AWARD.c.unsure_since)
        )
        for award_id, made_at, unsure, left_at, editable in rows:
            found[award_id] = Trace(made_at, left_at, timedelta(seconds=editable or 0), unsure is not None)
    return found
