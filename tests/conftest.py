"""Both databases, as every test that needs one gets them: fresh, migrated, and closed at the end."""

from __future__ import annotations

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import hypothesis
import pytest

from connector.store import migrations
from connector.store.engine import Database
from connector.store.tables import metadata
from tests import bytecode, dialects, postgres

ENGINES = ("sqlite", "postgresql")
_TEMPLATE = "migrated"
_numbers = count(1)

hypothesis.settings.register_profile("suite", deadline=None, derandomize=False)  # also where CI is set
hypothesis.settings.load_profile("suite")
dialects.share()

MakeUrl = Callable[[], str]


def _migrate(url: str) -> None:
    async def run() -> None:
        database = Database(url)
        await migrations.upgrade(database)
        await database.aclose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The server of this test process; it starts when the first test wants it."""
    with postgres.running() as server:
        server.create(_TEMPLATE)
        _migrate(server.url(_TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def emptied_databases() -> list[str]:
    """Migrated PostgreSQL databases that earlier tests are done with: emptying is faster than making."""
    return []


@contextmanager
def _migrated(server: postgres.Server, emptied: list[str]) -> Iterator[str]:
    name = emptied.pop() if emptied else server.create(f"test_{next(_numbers)}", _TEMPLATE)
    yield server.url(name)
    server.empty(name, [each.name for each in reversed(metadata.sorted_tables)])
    emptied.append(name)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine under test: each test that asks for it runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def blank_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'connector.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create(f"test_{next(_numbers)}")
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def make_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeUrl]:
    """Make migrated databases, as many as a test wants; each call returns the URL of a new one."""
    with ExitStack() as databases:

        def make() -> str:
            if engine == "sqlite":
                path = tmp_path / f"connector{next(_numbers)}.db"
                shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
                return f"sqlite:///{path}"
            server, emptied = map(request.getfixturevalue, ("postgres_server", "emptied_databases"))
            return databases.enter_context(_migrated(server, emptied))

        yield make


@pytest.fixture
def database_url(make_url: MakeUrl) -> str:
    """The URL of a migrated database."""
    return make_url()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    opened = Database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def blank(blank_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database(blank_url)
    yield opened
    await opened.aclose()


def pytest_configure(config: pytest.Config) -> None:
    """Compile each module once, also where nothing is to be written beside the sources: many tests begin processes."""
    cache = getattr(config, "cache", None)  # None with -p no:cacheprovider
    if cache:
        bytecode.keep(cache.mkdir("bytecode"))


def pytest_collection_finish() -> None:
    """Keep what was collected out of every later garbage collection: it lives as long as the process."""
    gc.collect()
    gc.freeze()
