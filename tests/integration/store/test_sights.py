from __future__ import annotations

from datetime import timedelta

from connector.store import sights
from connector.store.engine import Database
from connector.store.sights import Sight
from tests.integration.store.makers import NOW


async def test_the_latest_sight_of_each_named_table_comes_back(database: Database) -> None:
    first = Sight(NOW, "digest", {"e-wien": "chain-1"})
    later = Sight(NOW + timedelta(hours=1), "other", {"e-wien": "chain-1", "e-graz": "chain-1"})
    async with database.write() as connection:
        await sights.save(connection, "wien", first)
        await sights.save(connection, "group", first)
        await sights.save(connection, "group", later)
        assert await sights.load(connection, ["group", "wien", "graz"]) == {"wien": first, "group": later}
        assert await sights.load(connection, ["graz"]) == {}
