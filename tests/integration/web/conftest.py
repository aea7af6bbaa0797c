"""A console with an operator of each role."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
