"""A console with an operator of each role."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.web.hotel import Hotel, hall, hotel
from tests.integration.web.site import Site, site


@pytest.fixture
def file_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite file: for what has nothing to do with the database."""
    path = tmp_path / "connector.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
async def desk(file_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The console with admin, anna (read), otto (operate) and petra (approve)."""
    async with site(tmp_path, file_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def grand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    """A chain that has worked for a day; do not change it."""
    with hotel(tmp_path_factory.mktemp("grand")) as opened:
        yield opened


@pytest.fixture
async def lobby(grand: Hotel, tmp_path: Path) -> AsyncIterator[Site]:
    """The console over a copy of that chain's database."""
    async with hall(grand.copy(tmp_path)) as opened:
        yield opened
