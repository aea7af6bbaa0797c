"""A database of the previous release is upgraded, and nothing of it is lost, changed or sent again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from connector.store import migrations
from connector.store.engine import Database
from connector.store.integrity import examine
from tests.acceptance.release import restore
from tests.acceptance.road import Road

RELEASE = Path(__file__).parents[1] / "data" / "release_0.1.0.jsonl.gz"
LEDGER = ("message", "history", "award", "claim", "decision", "closing", "cursor", "link", "suspense", "membership")


@pytest.fixture
async def released(blank: Database) -> Database:
    """A database as the previous release left it."""
    await restore(RELEASE, blank)
    return blank


async def columns(database: Database, table: str) -> set[str]:
    """Return the names of a table's columns."""

    def names(connection: Connection) -> set[str]:
        return {each["name"] for each in inspect(connection).get_columns(table)}

    async with database.read() as connection:
        return await connection.run_sync(names)


async def rows(database: Database, table: str, names: set[str]) -> Counter[tuple[str, ...]]:
    """Return a table's rows in these columns, as text."""
    async with database.read() as connection:
        found = await connection.execute(text(f"SELECT {', '.join(sorted(names))} FROM {table}"))
        return Counter(tuple(map(str, row)) for row in found)


async def test_an_upgrade_keeps_every_row_of_the_ledger_and_of_alignment(released: Database) -> None:
    names = {table: await columns(released, table) for table in LEDGER}
    names["history"].discard("hash")  # made anew over digests; test_after_an_upgrade looks at the chains
    before = {table: await rows(released, table, names[table]) for table in LEDGER}

    await migrations.upgrade(released)

    assert all(found.total() for found in before.values())
    assert {table: await rows(released, table, names[table]) for table in LEDGER} == before


async def test_after_an_upgrade_the_books_and_the_chains_of_history_are_whole(released: Database) -> None:
    await migrations.upgrade(released)

    assert await migrations.revision(released) == migrations.HEAD
    assert await examine(released) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_commands_work_on_the_copy_of_an_old_database(released: Database, tmp_path: Path) -> None:
    nowhere = dict.fromkeys(("mews", "uplyft", "airmiles", "qiibee", "earn"), "http://127.0.0.1:9")
    road = Road.written(tmp_path, nowhere, tmp_path / "members.csv")
    assert released.file == tmp_path / "connector.db"
    await released.aclose()
    (tmp_path / "connector.db.hash_key").write_text("the key that came with it")

    assert road.run("db", "upgrade").code == 0
    delivered = road.run("sync", "deliver", "--wait", "0s", "--json")

    assert delivered.code == 0
    assert delivered.json["awards"]["credited"] == 52
    assert delivered.json["jobs"][0]["requests"] == 0
