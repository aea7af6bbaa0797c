from __future__ import annotations

from connector.domain.names import Kind, Named
from connector.store import decisions, names, stays
from connector.store.engine import Database
from tests.integration.store.makers import DAY, NOW, item, reservation

BAR = Named(Kind.RATE, "r1", frozenset({"Best", "Beste"}), "wien", "public")
HOUSE = Named(Kind.RATE, "r2", frozenset(), "wien", "house")


async def test_what_is_listed_takes_the_place_of_what_was_and_tells_what_is_new(database: Database) -> None:
    async with database.write() as connection:
        assert await names.replace(connection, Kind.RATE, "wien", [BAR]) == {"r1"}
        assert await names.replace(connection, Kind.RATE, "wien", [BAR]) == frozenset()
        assert await names.replace(connection, Kind.RATE, "wien", [BAR, HOUSE]) == {"r2"}
        renamed = Named(Kind.RATE, "r1", frozenset({"Flexible"}), "wien", "house")
        assert await names.replace(connection, Kind.RATE, "wien", [renamed]) == frozenset()
        assert await names.every(connection, [Kind.RATE]) == [renamed]


async def test_every_name_is_kept_by_kind_and_property(database: Database) -> None:
    source = Named(Kind.SOURCE, "s1", frozenset({"Portal"}), "")
    async with database.write() as connection:
        await names.replace(connection, Kind.RATE, "wien", [BAR, HOUSE])
        await names.replace(connection, Kind.SOURCE, "wien", [source])
        await names.replace(connection, Kind.SOURCE, "graz", [source])
        await names.replace(connection, Kind.RATE, "graz", [])
        found = await names.every(connection, [Kind.RATE])
        assert sorted((each.id, *each.names, each.group_id) for each in found) == [
            ("r1", "Best", "public"),
            ("r1", "Beste", "public"),
            ("r2", "house"),
        ]
        assert [each.property_id for each in await names.every(connection, [Kind.SOURCE])] == ["graz", "wien"]
        assert await names.every(connection, []) == []


async def test_only_stays_of_the_property_that_changed_since_are_decided_again(database: Database) -> None:
    before = NOW - DAY
    made = [reservation(name, updated=before) for name in ("old", "charged")] + [reservation("new", updated=NOW)]
    made.append(reservation("elsewhere", updated=NOW, property_id="graz"))
    made.append(reservation("unseen", updated=NOW, state="Started"))
    async with database.write() as connection:
        await stays.save_reservations(connection, made, NOW - 60 * DAY, NOW)
        await stays.save_items(connection, [item("i1", "charged"), item("i2", "old", updated=before)])
        ids = [each.id for each in made]
        await decisions.are_decided(connection, ids)
        await names.decide_again(connection, ["wien"], NOW)
        assert await decisions.to_decide(connection, [], NOW, "", 9) == ["charged", "new"]
