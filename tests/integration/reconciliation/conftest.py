"""Two hotels, both partners over sockets, and prices for their miles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from connector.jobs.contracts import Partnership
from connector.partners.uplyft import Form
from connector.store.engine import Database
from tests.integration.earning.books import Books, Counter, airmiles_counter, uplyft_counter
from tests.integration.earning.chain import air_miles, miles_and_more
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


@pytest.fixture
async def at_airmiles(tmp_path: Path) -> AsyncIterator[Counter]:
    """The server of AIR MILES."""
    async with airmiles_counter(tmp_path) as opened:
        yield opened


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    """Miles & More, which is told amounts to the cent."""
    channel = at_uplyft.uplyft(form=Form("transaction", "plain", "decimal"))
    return miles_and_more(channel, price_per_mile=Decimal("0.0075"))


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES."""
    return air_miles(at_airmiles.airmiles(), price_per_mile=Decimal("0.12"))
