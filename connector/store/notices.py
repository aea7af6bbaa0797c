"""What people are to be told: each thing once by each way, kept until it arrived."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.ports.notices import Notice
from connector.store.rows import insert, table
from connector.store.tables.running import Notice as Row

_NOTICE = table(Row)
_NAMES = ("about", "teller", "attempts", "event", "title", "text", "at", "facts")
_COLUMNS = tuple(_NOTICE.c[name] for name in _NAMES)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that was not told by ``teller`` yet, and how often that was tried."""

    about: str
    teller: str
    attempts: int
    notice: Notice


async def add(connection: AsyncConnection, about: str, notice: Notice, tellers: Sequence[str]) -> None:
    """Have a notice told by these ways, but for those that tell or told it already."""
    if not tellers:
        return
    row = {"about": about, "event": notice.event, "title": notice.title, "text": notice.text, "attempts": 0}
    row |= {"facts": json.dumps(notice.facts, sort_keys=True), "at": notice.at, "due_at": notice.at}
    rows = [{**row, "teller": each} for each in tellers]
    await connection.execute(insert(connection, _NOTICE).on_conflict_do_nothing(), rows)


async def due(connection: AsyncConnection, now: datetime, tellers: Sequence[str], limit: int = 50) -> list[Waiting]:
    """Return what is to be told now, oldest first."""
    waits = and_(_NOTICE.c.told_at.is_(None), _NOTICE.c.due_at <= now, _NOTICE.c.teller.in_(tellers))
    rows = await connection.execute(select(*_COLUMNS).where(waits).order_by(_NOTICE.c.at).limit(limit))
    return [_waiting(row) for row in rows]


async def told(connection: AsyncConnection, waiting: Waiting, now: datetime) -> None:
    """Note that a notice arrived; of arrivals, which are about guests, nothing is kept."""
    kept = {} if waiting.notice.event != "arrivals" else {"text": ""}
    await connection.execute(update(_NOTICE).where(_is(waiting)).values(told_at=now, **kept))


async def postpone(connection: AsyncConnection, waiting: Waiting, until: datetime) -> None:
    """Try a notice again later."""
    later = {"due_at": until, "attempts": waiting.attempts + 1}
    await connection.execute(update(_NOTICE).where(_is(waiting)).values(later))


async def withdraw(connection: AsyncConnection, about: str) -> set[str]:
    """Take back what was not told yet; return by which ways it was told."""
    mine = _NOTICE.c.about == about
    await connection.execute(delete(_NOTICE).where(mine, _NOTICE.c.told_at.is_(None)))
    return set((await connection.execute(select(_NOTICE.c.teller).where(mine))).scalars())


async def forget(connection: AsyncConnection, before: datetime) -> None:
    """Forget what was to be told before a moment."""
    await connection.execute(delete(_NOTICE).where(_NOTICE.c.at < before))


def _is(waiting: Waiting) -> Any:
    return and_(_NOTICE.c.about == waiting.about, _NOTICE.c.teller == waiting.teller)


def _waiting(row: Sequence[Any]) -> Waiting:
    about, teller, attempts, event, title, text, at, facts = row
    return Waiting(about, teller, attempts, Notice(event, title, text, at, json.loads(facts)))
