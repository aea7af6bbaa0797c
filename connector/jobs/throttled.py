"""Answers 429, noted in the store: any instance may get them, and one of them watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.incidents import Incident, Trouble
from connector.store import facts
from connector.store.engine import Database
from connector.telemetry import metrics

LATELY = timedelta(minutes=15)
_FACT = "429 of "


@dataclass(slots=True)
class Throttled:
    """What one process has noted so far: the count of each remote system by its labels."""

    _noted: dict[tuple[str, ...], float] = field(default_factory=lambda: dict(metrics.counted(metrics.TOO_MANY)))

    async def note(self, database: Database, now: datetime) -> None:
        """Note who said 429 since the last time."""
        counted = metrics.counted(metrics.TOO_MANY)
        new = [labels for labels, count in counted.items() if count > self._noted.get(labels, 0)]
        if new:
            async with database.write() as connection:
                for labels in new:
                    await facts.write(connection, f"{_FACT}{_named(labels)}", now.isoformat())
        self._noted = dict(counted)


async def lately(connection: AsyncConnection, now: datetime) -> list[Incident]:
    """Return who said 429 in the last minutes."""
    return [
        Incident(Trouble.LIMIT, name.removeprefix(_FACT), f"the last answer 429 came at {at:%Y-%m-%d %H:%M}Z")
        for name, at in await _moments(connection)
        if now - at < LATELY
    ]


async def _moments(connection: AsyncConnection) -> Sequence[tuple[str, datetime]]:
    return [(name, datetime.fromisoformat(value)) for name, value in await facts.beginning(connection, _FACT)]


def _named(labels: tuple[str, ...]) -> str:
    return " ".join(filter(None, labels))
