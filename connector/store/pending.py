"""The plan of harmful changes that waits for a person's word, as the last pass of alignment met it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import facts

_NAME = "pending_plan"


@dataclass(frozen=True, slots=True)
class Pending:
    """A plan that the harm guard stopped: its id, how much it takes, the guard's sentence, since when it stands."""

    plan_id: str
    removals: int
    changes: int
    sentence: str
    since: datetime


async def note(connection: AsyncConnection, plan: Pending) -> None:
    """Keep a plan that was stopped; one that is kept already stays as old as it is."""
    known = await load(connection)
    if known is None or known.plan_id != plan.plan_id:
        await facts.write(connection, _NAME, json.dumps(asdict(plan) | {"since": plan.since.isoformat()}))


async def load(connection: AsyncConnection) -> Pending | None:
    """Return the plan that waits, if one does."""
    told = await facts.read(connection, _NAME)
    if told is None:
        return None
    found = json.loads(told)
    return Pending(**found | {"since": datetime.fromisoformat(found["since"])})


async def forget(connection: AsyncConnection) -> None:
    """No plan waits any more."""
    await facts.forget(connection, _NAME)
