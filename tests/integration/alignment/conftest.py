"""A chain whose programs exist already, with three guests who are members of the scheme."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.store.engine import Database
from tests.integration.alignment.hotel import SET_UP, Hotel, guest, opened


@pytest.fixture
def engine() -> str:
    """SQLite, where a file of tests does not ask for both: what differs between them is the store's matter."""
    return "sqlite"


@pytest.fixture
async def hotel(tmp_path: Path, database: Database) -> AsyncIterator[Hotel]:
    """Programs and tiers as configured, guests anna, bea and carl, no memberships; no harm guard."""
    guests = [guest(name) for name in ("anna", "bea", "carl")]
    async with opened(tmp_path, database, *SET_UP, *guests) as made:
        yield made
