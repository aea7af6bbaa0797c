from __future__ import annotations

import pytest

from connector.errors import Misconfigured
from connector.store import facts
from connector.store.engine import Database


async def test_a_fact_is_kept_replaced_and_forgotten(database: Database) -> None:
    async with database.write() as connection:
        assert await facts.read(connection, "name") is None
        await facts.write(connection, "name", "one")
        await facts.write(connection, "name", "two")
        assert await facts.read(connection, "name") == "two"
        await facts.forget(connection, "name")
        assert await facts.read(connection, "name") is None


async def test_a_database_belongs_to_the_first_chain_that_it_sees(database: Database) -> None:
    async with database.write() as connection:
        await facts.hold_chain(connection, "chain-1")
        await facts.hold_chain(connection, "chain-1")
        with pytest.raises(Misconfigured, match="belongs to chain chain-1, the access tokens see chain chain-2"):
            await facts.hold_chain(connection, "chain-2")
