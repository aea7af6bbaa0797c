"""A database moves to another engine and back, and nothing about it changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from connector.store import contents, migrations, retired
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.rows import table
from connector.store.tables.web import Deed
from tests.acceptance.release import restore
from tests.acceptance.test_upgrade import RELEASE
from tests.conftest import ENGINES
from tests.integration.store.filled import MOMENT, ROWS, held, stored
from tests.integration.store.moving.moves import (
    Make,
    export,
    take_in,
    written_as_it_is,
)

on_both = pytest.mark.parametrize("engine", ENGINES, indirect=True)


class TestWhatMoves:
    async def test_a_round_through_postgresql_changes_no_bit_of_any_row(
        self, filled: Database, make: Make, file: Path, tmp_path: Path, at_postgresql: str
    ) -> None:
        there, back = Database(at_postgresql), await make()
        try:
            await export(filled, file, retire=True)
            await take_in(there, file)
            assert await held(there) == await held(filled)
            await export(there, tmp_path / "back.gz", retire=True)
        finally:
            await there.aclose()
        await take_in(back, tmp_path / "back.gz")

        assert filled.file is not None
        assert back.file is not None
        before, after = stored(filled.file), stored(back.file)
        before["fact"] = [row for row in before["fact"] if row[0] != retired.MARK]
        assert after == before
        assert all(len(rows) >= ROWS for rows in after.values())
        assert await examine(back) == []

    @on_both
    async def test_a_row_that_is_added_later_is_numbered_after_those_that_came(
        self, filled: Database, make: Make, file: Path
    ) -> None:
        await export(filled, file)
        there = await make()
        await take_in(there, file)
        deed = table(Deed)
        async with there.write() as connection:
            added = {"at": MOMENT, "operator": "anna", "action": "noted", "subject": "", "text": ""}
            number = (await connection.execute(deed.insert().values(added).returning(deed.c.id))).scalar_one()
            highest = (await connection.execute(select(deed.c.id).order_by(deed.c.id.desc()))).scalars().first()
        assert number == highest == 2008

    @on_both
    async def test_leases_circuits_and_logins_stay_behind_and_the_send_log_moves(
        self, filled: Database, make: Make, file: Path
    ) -> None:
        await export(filled, file)
        there = await make()
        await take_in(there, file)
        async with there.read() as connection:
            for name in ("lease", "circuit", "login"):
                assert (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar() == 0
            assert (await connection.execute(text("SELECT count(*) FROM send"))).scalar() == ROWS

    async def test_more_rows_than_a_page_move(self, database: Database, make: Make, file: Path) -> None:
        rows = [{"kind": f"k{n % 7}", "id": f"{n}", "place": "", "received_at": MOMENT} for n in range(12_001)]
        hint = {each.name: each for each in contents.tables()}["hint"]
        async with database.write() as connection:
            await connection.execute(hint.insert(), rows)
        done = await export(database, file)
        there = await make()
        await take_in(there, file)
        assert done.rows["hint"] == len(rows)
        assert (await held(there))["hint"] == (await held(database))["hint"]

    @pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
    async def test_what_others_write_meanwhile_is_not_in_the_file(self, filled: Database) -> None:
        async with filled.snapshot() as connection:
            before = await contents.count(connection, table(Deed))
            async with filled.write() as other:
                added = {"at": MOMENT, "operator": "anna", "action": "noted", "subject": "", "text": ""}
                await other.execute(table(Deed).insert().values(added))
            assert await contents.count(connection, table(Deed)) == before

    @on_both
    async def test_a_file_of_an_older_release_is_imported_at_its_revision_and_upgraded(
        self, blank: Database, make: Make, file: Path
    ) -> None:
        await restore(RELEASE, blank)
        await written_as_it_is(blank, file)
        there = await make()

        done = await take_in(there, file, tokens=("another",))

        assert done.revision == "0019"
        assert await migrations.revision(there) == migrations.HEAD
        assert await examine(there) == []
        await migrations.upgrade(blank)
        expected, found = await held(blank), await held(there)
        for each in (expected, found):  # salts are drawn by the upgrade; the examination has looked at the chains
            each["history"] = [row[:8] for row in each["history"]]
        assert found == expected
