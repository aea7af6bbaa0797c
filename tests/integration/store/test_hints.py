from __future__ import annotations

import pytest

from connector.domain.hints import Hint, Kind
from connector.store import hints
from connector.store.engine import Database
from tests.integration.earning.books import Books
from tests.integration.store.makers import MINUTE, NOW


def hint(id_: str, kind: Kind = "reservation", place: str = "wien") -> Hint:
    return Hint(kind, id_, place)


async def ids(database: Database) -> list[str]:
    return [row[0] for row in await Books(database).rows("SELECT id FROM hint ORDER BY id")]


async def test_a_hint_is_kept_once_however_often_it_comes(database: Database) -> None:
    async with database.write() as connection:
        await hints.save(connection, [hint("r1"), hint("r1", place="e-wien"), hint("r1", "customer")], NOW)
        await hints.save(connection, [hint("r1")], NOW + MINUTE)
        assert await hints.count(connection, "reservation", NOW + MINUTE) == 1
        assert await hints.count(connection, "customer", NOW) == 1
        assert await hints.count(connection, "reservation", NOW) == 0, "it is as new as the last time it came"


async def test_the_oldest_give_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "MOST", 3)
    for minute in range(3):
        async with database.write() as connection:
            await hints.save(connection, [hint(f"r{minute}")], NOW + minute * MINUTE)
    async with database.write() as connection:
        await hints.save(connection, [hint("r0"), hint("r3")], NOW + 3 * MINUTE)
    assert await ids(database) == ["r0", "r2", "r3"]
    async with database.write() as connection:
        await hints.save(connection, [hint(f"s{number}") for number in range(9)], NOW + 4 * MINUTE)
    assert await ids(database) == ["s6", "s7", "s8"]


async def test_the_hints_of_one_kind_are_forgotten_but_the_newest(database: Database) -> None:
    async with database.write() as connection:
        await hints.save(connection, [], NOW)
        await hints.save(connection, [hint("r1"), hint("g1", "customer")], NOW)
        await hints.save(connection, [hint("r2")], NOW + MINUTE)
        await hints.forget(connection, "reservation", NOW)
    assert await ids(database) == ["g1", "r2"]
