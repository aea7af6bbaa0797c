"""Several processes on one database, as far as the store can tell."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.store.engine import Database


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Database]]:
    """Five connections' worth of other processes on one migrated database."""
    opened = [Database(database_url) for _ in range(5)]
    yield opened
    for each in opened:
        await each.aclose()
