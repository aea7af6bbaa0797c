"""Actions that wait for a second person, and what became of those that did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables.web import Proposal as ProposalRow

_PROPOSAL = table(ProposalRow)
Details = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action by name with its ``details``, as one operator asked for it; see the table for the other fields."""

    id: int
    state: str
    action: str
    details: Details
    text: str
    miles: int | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    outcome: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can still be decided."""
        return self.state == "open" and now < self.expires_at


_NAMES = (
    "id",
    "state",
    "action",
    "details",
    "text",
    "miles",
    "proposed_by",
    "proposed_at",
    "expires_at",
    "decided_by",
    "decided_at",
    "outcome",
)
_COLUMNS = tuple(_PROPOSAL.c[name] for name in _NAMES)


async def add(
    connection: AsyncConnection,
    action: str,
    details: Details,
    *,
    text: str,
    miles: int | None,
    by: str,
    at: datetime,
    until: datetime,
) -> int:
    """Store an action that an operator asks for, and return its number."""
    values = {
        "state": "open",
        "action": action,
        "details": json.dumps(dict(details)),
        "text": text,
        "miles": miles,
        "proposed_by": by,
        "proposed_at": at,
        "expires_at": until,
    }
    added = await connection.execute(_PROPOSAL.insert().values(values).returning(_PROPOSAL.c.id))
    return int(added.scalar_one())


async def of_id(connection: AsyncConnection, number: int) -> Proposal | None:
    """Return a proposal, None if there is none of this number."""
    row = (await connection.execute(select(*_COLUMNS).where(_PROPOSAL.c.id == number))).one_or_none()
    return _proposal(row) if row else None


async def waiting(connection: AsyncConnection, now: datetime) -> int:
    """Return how many proposals can still be decided."""
    undecided = (_PROPOSAL.c.state == "open", _PROPOSAL.c.expires_at > now)
    return int((await connection.execute(select(func.count()).select_from(_PROPOSAL).where(*undecided))).scalar_one())


async def recent(connection: AsyncConnection, limit: int) -> list[Proposal]:
    """Return proposals: undecided ones first, then the newest."""
    undecided = case((_PROPOSAL.c.state == "open", 0), else_=1)
    found = await connection.execute(select(*_COLUMNS).order_by(undecided, _PROPOSAL.c.id.desc()).limit(limit))
    return [_proposal(row) for row in found]


async def decide(connection: AsyncConnection, number: int, state: str, by: str, now: datetime) -> bool:
    """Make an open proposal accepted or declined; False when somebody decided before, or it has expired."""
    undecided = (_PROPOSAL.c.id == number, _PROPOSAL.c.state == "open", _PROPOSAL.c.expires_at > now)
    values = {"state": state, "decided_by": by, "decided_at": now}
    return (await connection.execute(update(_PROPOSAL).where(*undecided).values(values))).rowcount == 1


async def finish(connection: AsyncConnection, number: int, state: str, outcome: str) -> None:
    """Note what came of an accepted proposal: done or failed."""
    accepted = (_PROPOSAL.c.id == number, _PROPOSAL.c.state == "accepted")
    await connection.execute(update(_PROPOSAL).where(*accepted).values(state=state, outcome=outcome))


def _proposal(row: Sequence[Any]) -> Proposal:
    values = dict(zip(_NAMES, row, strict=True))
    return Proposal(**values | {"details": json.loads(values["details"])})
