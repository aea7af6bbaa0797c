"""A members database on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.integration.schemes.crm import TABLE, Crm


@pytest.fixture
def crm(blank_url: str) -> Crm:
    """A database with a table of people."""
    made = Crm(blank_url)
    made.execute(TABLE)
    return made


@pytest.fixture
def postgres_crm(postgres_server: postgres.Server) -> Iterator[Crm]:
    """The same where only PostgreSQL will do."""
    name = postgres_server.create("crm")
    made = Crm(postgres_server.url(name))
    made.execute(TABLE)
    yield made
    postgres_server.drop(name)
