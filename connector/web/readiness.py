"""Whether the store can be worked with: asked by everybody, looked at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from connector.errors import ConnectorError
from connector.store import condition
from connector.store.engine import Database

FRESH = 5.0  # seconds for which a finding is told again: strangers may ask, and each look is a write
PATIENCE = 3.0  # seconds that one who asks waits


class Readiness:
    """The last finding about the store, renewed when somebody asks."""

    def __init__(self, database: Database, now: Callable[[], float] = monotonic, patience: float = PATIENCE) -> None:
        self._database = database
        self._now = now
        self._patience = patience
        self._found: str | None = None
        self._at: float | None = None
        self._looking: asyncio.Task[None] | None = None

    async def fault(self) -> str | None:
        """Return what is wrong with the store in a sentence, None when it is migrated and takes writes."""
        if self._at is not None and self._now() - self._at < FRESH:
            return self._found
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        # never cancelled: a connection that is left in the middle of a write would be lost
        done, _ = await asyncio.wait([self._looking], timeout=self._patience)
        return self._found if done else f"the database did not take a write within {self._patience:g} s"

    async def _look(self) -> None:
        try:
            await condition.check(self._database)
        except ConnectorError as error:
            self._found = str(error)
        else:
            self._found = None
        self._at = self._now()
