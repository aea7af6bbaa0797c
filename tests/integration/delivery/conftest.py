"""What a delivery needs: a chain with a clock moved by hand, the books, and the partners."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store.engine import Database
from tests.integration.delivery.recorder import Recorder, recording
from tests.integration.earning.books import Books, Counter, airmiles_counter, uplyft_counter
from tests.integration.earning.chain import HandClock, air_miles, chain_for, miles_and_more


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine; tests that are about what the database does name both (``ENGINES``)."""
    name: str = request.param
    return name


@pytest.fixture
def clock() -> HandClock:
    """A clock moved by hand."""
    return HandClock()


@pytest.fixture
def chain(database: Database, clock: HandClock) -> Chain:
    """The chain as one process sees it."""
    return chain_for(database, clock)


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
    """The server of AIR MILES, which takes a moment for each call."""
    async with airmiles_counter(tmp_path, processing=0.01) as opened:
        yield opened


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """A server that writes down what reaches it."""
    async with recording() as opened:
        yield opened


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    """Miles & More at Uplyft's server."""
    return miles_and_more(at_uplyft.uplyft())


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES at its server."""
    return air_miles(at_airmiles.airmiles())
