"""In which mode a partner was last delivered to, and what its first live delivery would send."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.harm import PlanId
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State
from connector.store import facts
from connector.store.resolutions import Signature
from connector.store.rows import table
from connector.store.tables import ledger as tables

_MESSAGE = table(tables.Message)
_MODE = "mode of {}"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_REHEARSED = [State.SHADOW, State.TEST]


async def mode(connection: AsyncConnection, partner: str) -> str:
    """Return the mode of the last delivery; where none was noted, what the messages tell of it ("": nothing)."""
    noted = await facts.read(connection, _MODE.format(partner))
    if noted is not None:
        return str(json.loads(noted)["mode"])
    if await _count(connection, partner, sorted(GIVEN)):
        return "live"
    return "shadow" if await _count(connection, partner, _REHEARSED) else ""


async def since(connection: AsyncConnection, partner: str) -> datetime:
    """Return since when the partner is delivered to in its mode; where nobody noted that, long ago."""
    noted = json.loads(await facts.read(connection, _MODE.format(partner)) or "{}")
    return datetime.fromisoformat(noted["since"]) if "since" in noted else _LONG_AGO


async def note(
    connection: AsyncConnection, partner: str, mode: str, now: datetime, by: Signature | None = None
) -> None:
    """Note the mode of a delivery, since when it is that, and who confirmed it."""
    signed = {"by": by.by, "at": by.at.isoformat(), "why": by.why or ""} if by else {}
    told = {"mode": mode, "since": now.isoformat()}
    await facts.write(connection, _MODE.format(partner), json.dumps(told | signed, sort_keys=True))


async def is_noted(connection: AsyncConnection, partner: str, mode: str) -> bool:
    """Tell whether this mode is noted."""
    noted = await facts.read(connection, _MODE.format(partner))
    return noted is not None and json.loads(noted)["mode"] == mode


async def is_confirmed(connection: AsyncConnection, partner: str, since: datetime) -> bool:
    """Tell whether a person let a partner go live from a moment on."""
    noted = json.loads(await facts.read(connection, _MODE.format(partner)) or "{}")
    return "at" in noted and datetime.fromisoformat(noted["at"]) >= since


async def due(connection: AsyncConnection, partner: str) -> tuple[int, int, str]:
    """Return stays, miles, and the id, of what a delivery would send now or once a reversal is done."""
    rows = await connection.execute(
        select(_MESSAGE.c.award_id, _MESSAGE.c.key, _MESSAGE.c.kind, _MESSAGE.c.miles).where(
            _MESSAGE.c.partner == partner, _MESSAGE.c.state.in_(sorted(UNSENT | OPEN_LANE))
        )
    )
    stays: set[str] = set()
    plan, miles = PlanId(), 0
    for award, key, kind, worth in rows:
        plan.add(key, kind, str(worth))
        stays.add(award)
        miles += worth if kind == Kind.CREDIT else 0
    return len(stays), miles, str(plan)


async def rehearsed(connection: AsyncConnection, partner: str) -> int:
    """Return how many stays were only rehearsed."""
    return await _count(connection, partner, _REHEARSED)


async def _count(connection: AsyncConnection, partner: str, states: list[State]) -> int:
    statement = select(func.count(func.distinct(_MESSAGE.c.award_id))).where(
        _MESSAGE.c.partner == partner, _MESSAGE.c.state.in_(states)
    )
    return int((await connection.execute(statement)).scalar_one())
