"""What is wrong with the service, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.incidents import Incident, Trouble, fresh
from connector.store.rows import table
from connector.store.tables.running import Incident as Row

_INCIDENT = table(Row)
_OPEN = _INCIDENT.c.closed_at.is_(None)
_COLUMNS = tuple(_INCIDENT.c[name] for name in ("id", "kind", "subject", "text", "opened_at", "seen_at", "closed_at"))


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident with its number and its times; ``closed_at`` None as long as it lasts."""

    id: int
    incident: Incident
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None = None


async def settle(
    connection: AsyncConnection, found: Sequence[Incident], now: datetime, steady: timedelta
) -> tuple[list[Standing], list[Standing]]:
    """Make ``found`` what stands now; return what began and what ended.

    What is not found any more ends when it was last seen ``steady`` ago: what comes and goes is one incident.
    """
    known = {(each.incident.kind, each.incident.subject): each for each in await standing(connection)}
    present = fresh(found)
    began = [await _begin(connection, each, now) for key, each in present.items() if key not in known]
    ended: list[Standing] = []
    for key, each in known.items():
        if key in present:
            again = {"text": present[key].text, "seen_at": now}
            await connection.execute(update(_INCIDENT).where(_INCIDENT.c.id == each.id).values(again))
        elif now - each.seen_at >= steady:
            await connection.execute(update(_INCIDENT).where(_INCIDENT.c.id == each.id).values(closed_at=now))
            ended.append(Standing(each.id, each.incident, each.opened_at, each.seen_at, now))
    return began, ended


async def standing(connection: AsyncConnection) -> list[Standing]:
    """Return the incidents that last, oldest first."""
    rows = await connection.execute(select(*_COLUMNS).where(_OPEN).order_by(_INCIDENT.c.id))
    return [_standing(row) for row in rows]


async def listing(connection: AsyncConnection, limit: int) -> list[Standing]:
    """Return the latest incidents, newest first, ended or not."""
    rows = await connection.execute(select(*_COLUMNS).order_by(_INCIDENT.c.id.desc()).limit(limit))
    return [_standing(row) for row in rows]


async def _begin(connection: AsyncConnection, incident: Incident, now: datetime) -> Standing:
    values = {"kind": str(incident.kind), "subject": incident.subject, "text": incident.text}
    await connection.execute(_INCIDENT.insert().values(opened_at=now, seen_at=now, **values))
    mine = and_(_OPEN, _INCIDENT.c.kind == values["kind"], _INCIDENT.c.subject == incident.subject)
    return _standing((await connection.execute(select(*_COLUMNS).where(mine))).one())


def _standing(row: Sequence[Any]) -> Standing:
    return Standing(row[0], Incident(Trouble(row[1]), row[2], row[3]), row[4], row[5], row[6])
