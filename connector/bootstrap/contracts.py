"""The partners of a configuration without a chain: to compute with, not to send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.jobs.contracts import Partnership
from connector.settings import Settings
from connector.store.engine import Database


@asynccontextmanager
async def contracts(settings: Settings, database: Database) -> AsyncIterator[list[Partnership]]:
    """Open the partners of some settings; nothing connects until somebody sends."""
    async with AsyncExitStack() as stack:
        yield partnerships(Parts(settings, database, stack))
