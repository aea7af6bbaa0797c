"""A database that is full of everything, and others beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from connector.store import facts
from connector.store.engine import Database
from tests import postgres
from tests.conftest import MakeUrl
from tests.integration.store.filled import fill
from tests.integration.store.moving.moves import (
    REACH,
    Make,
)


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine; tests that are about what the database does name both (``on_both``)."""
    name: str = request.param
    return name


@pytest.fixture
async def filled(database: Database) -> Database:
    """A database with rows in every table, of a chain that a token has read."""
    await fill(database)
    async with database.write() as connection:
        await facts.write(connection, "chain_id", "chain-1")
        await facts.write(connection, "reach of wien", REACH)
    return database


@pytest.fixture
async def make(make_url: MakeUrl) -> AsyncIterator[Make]:
    """Make more databases of the engine, migrated and empty."""
    opened: list[Database] = []

    async def one() -> Database:
        opened.append(Database(make_url()))
        return opened[-1]

    yield one
    for each in opened:
        await each.aclose()


@pytest.fixture
def at_postgresql(postgres_server: postgres.Server) -> Iterator[str]:
    """The URL of an empty database at PostgreSQL, whatever the engine of the test."""
    name = postgres_server.create("moved_to")
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chain.state.gz"


@pytest.fixture
async def blank_there(tmp_path: Path) -> AsyncIterator[Database]:
    """A database file that is not there yet."""
    opened = Database(f"sqlite:///{tmp_path / 'there.db'}")
    yield opened
    await opened.aclose()
