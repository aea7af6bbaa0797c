"""Mews's front desk, the partner, and somebody who listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.store.engine import Database
from tests.integration.earning.books import Books, Counter, uplyft_counter
from tests.integration.earning.front_desk import FrontDesk, front_desk


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine; tests that are about what the database does name both (``ENGINES``)."""
    name: str = request.param
    return name


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    """The front desk of two hotels."""
    async with front_desk(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def books(database: Database) -> Books:
    """The connector's books."""
    return Books(database)


@pytest.fixture
async def at_uplyft(tmp_path: Path) -> AsyncIterator[Counter]:
    """Uplyft's server."""
    async with uplyft_counter(tmp_path) as opened:
        yield opened
