"""The front desk, the books and the partners of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.jobs.contracts import Partnership
from connector.store.engine import Database
from tests.integration.earning.books import Books, Counter, airmiles_counter, uplyft_counter
from tests.integration.earning.chain import (
    air_miles,
    airmiles_channel,
    airmiles_client,
    miles_and_more,
    uplyft_channel,
    uplyft_client,
)
from tests.integration.earning.front_desk import FrontDesk, front_desk

NOBODY = "http://127.0.0.1:9"


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


@pytest.fixture
async def at_airmiles(tmp_path: Path) -> AsyncIterator[Counter]:
    """The server of AIR MILES."""
    async with airmiles_counter(tmp_path) as opened:
        yield opened


@pytest.fixture
def mm() -> Partnership:
    """Miles & More, to decide for: deciding sends nothing."""
    return miles_and_more(uplyft_channel(uplyft_client(NOBODY)))


@pytest.fixture
def am() -> Partnership:
    """AIR MILES, to decide for: deciding sends nothing."""
    return air_miles(airmiles_channel(airmiles_client(NOBODY)))
