from __future__ import annotations

from dataclasses import replace

from connector.store import stays
from connector.store.departures import departures
from connector.store.engine import Database
from tests.integration.store.makers import DAY, NOW, reservation


async def test_departures_of_a_period_come_page_by_page(database: Database) -> None:
    found = [replace(reservation(f"r{n}"), actual_end=NOW - n * DAY) for n in range(1, 6)]
    async with database.write() as connection:
        await stays.save_reservations(connection, found, NOW - 999 * DAY, NOW)
        await stays.save_reservations(connection, [reservation("r6", state="Started")], NOW - 999 * DAY, NOW)
    async with database.read() as connection:
        page = await departures(connection, NOW - 4 * DAY, NOW - 2 * DAY, "", 2)
        rest = await departures(connection, NOW - 4 * DAY, NOW - 2 * DAY, page[-1][0], 2)
    assert (page, rest) == ([("r2", True), ("r3", True)], [("r4", True)])


async def test_a_stay_whose_items_are_not_all_read_says_so(database: Database) -> None:
    async with database.write() as connection:
        await stays.save_reservations(connection, [replace(reservation("r1"), actual_end=NOW)], NOW + DAY, NOW)
    async with database.read() as connection:
        assert await departures(connection, NOW, NOW, "", 9) == [("r1", False)]
