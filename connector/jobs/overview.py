"""The state of everything that the store knows of, read at once: for `status`, the console and the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.ports import BreakerState
from connector.store import cursors, facts, limits, pending, queue, runs, suspense
from connector.store.cursors import Cursor
from connector.store.pending import Pending
from connector.store.queue import Lot
from connector.store.runs import Record

_CIRCUIT = "partner "  # a circuit's key is that, and the partner's label


@dataclass(frozen=True, slots=True)
class Overview:
    """The jobs' latest runs by name, the messages by partner and state, miles by partner, open cases by kind, open
    circuits by partner with when they opened, the cursors, the plan that waits for a person, the Mews chain's id.
    """

    jobs: Mapping[str, Record]
    queue: Sequence[Lot]
    miles: Mapping[str, int]
    cases: Mapping[str, int]
    circuits: Mapping[str, datetime | None]
    cursors: Sequence[Cursor]
    plan: Pending | None
    chain_id: str


async def overview(connection: AsyncConnection) -> Overview:
    """Read the state; costs nine small queries, none of which reads the ledger's rows."""
    found = await queue.lots(connection)
    return Overview(
        jobs=await runs.latest(connection),
        queue=found,
        miles=queue.given(found),
        cases=await suspense.count_by_kind(connection),
        circuits=_circuits(await limits.circuits(connection)),
        cursors=await cursors.every(connection),
        plan=await pending.load(connection),
        chain_id=await facts.read(connection, "chain_id") or "",
    )


def _circuits(found: Mapping[str, BreakerState]) -> dict[str, datetime | None]:
    return {key.removeprefix(_CIRCUIT): state.opened_at for key, state in found.items()}
