from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from connector.errors import Misconfigured, Refused, Unfinished
from connector.store import facts
from connector.store.backup import copy, refuse_marked
from connector.store.engine import Database
from connector.store.integrity import examine

only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def read(path: Path, *names: str) -> list[str | None]:
    database = Database(f"sqlite:///{path}")
    async with database.read() as connection:
        found = [await facts.read(connection, name) for name in names]
    assert await examine(database) == []
    await database.aclose()
    return found


@only_sqlite
async def test_a_copy_holds_what_the_original_holds(database: Database, tmp_path: Path) -> None:
    async with database.write() as connection:
        await facts.write(connection, "name", "value")
    await copy(database, tmp_path / "copy.db")
    assert await read(tmp_path / "copy.db", "name") == ["value"]


@only_sqlite
async def test_a_copy_is_marked_and_the_original_is_not(database: Database, tmp_path: Path) -> None:
    await copy(database, tmp_path / "copy.db")
    copied = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    async with copied.read() as connection:
        with pytest.raises(Refused, match="it is a copy made by `db backup`"):
            await refuse_marked(connection)
    await copied.aclose()
    async with database.read() as connection:
        await refuse_marked(connection)


@only_sqlite
async def test_a_copy_made_while_others_write_is_of_one_moment(database: Database, tmp_path: Path) -> None:
    async def write() -> None:
        for number in range(60):
            async with database.write() as connection:
                for name in ("one", "two"):
                    await facts.write(connection, name, str(number))

    async def backup(number: int) -> list[str | None]:
        await asyncio.sleep(0)
        await copy(database, tmp_path / f"copy{number}.db")
        return await read(tmp_path / f"copy{number}.db", "one", "two")

    writing = asyncio.create_task(write())
    copies = [await backup(number) for number in range(3)]
    await writing
    assert all(one == two for one, two in copies)


@only_sqlite
async def test_a_copy_that_could_not_be_marked_does_not_get_its_name(blank: Database, tmp_path: Path) -> None:
    async with blank.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
    with pytest.raises(Unfinished, match=r"cannot be copied to .* \(no such table: fact\)"):
        await copy(blank, tmp_path / "copy.db")
    assert not [each for each in os.listdir(tmp_path) if each.startswith("copy")]


@only_sqlite
async def test_a_folder_that_does_not_exist_is_not_made(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"the folder .*/nowhere does not exist"):
        await copy(database, tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "nowhere").exists()


@only_sqlite
async def test_a_damaged_database_is_told_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    await database.aclose()
    assert database.file is not None
    database.file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unfinished, match="file is not a database"):
        await copy(database, tmp_path / "copy.db")
    assert not [each for each in os.listdir(tmp_path) if each.startswith("copy")]


@only_sqlite
async def test_only_its_owner_reads_a_copy(database: Database, tmp_path: Path) -> None:
    before = os.umask(0o022)
    await copy(database, tmp_path / "copy.db")
    os.umask(before)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


@only_sqlite
async def test_what_an_interrupted_backup_left_does_not_stop_the_next(database: Database, tmp_path: Path) -> None:
    (tmp_path / "copy.db.unmarked").write_text("half a copy")
    await copy(database, tmp_path / "copy.db")
    assert {each for each in os.listdir(tmp_path) if each.startswith("copy")} == {"copy.db"}


@only_sqlite
async def test_a_file_that_exists_is_not_overwritten(database: Database, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Misconfigured, match="exists already"):
        await copy(database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


@only_sqlite
async def test_without_a_database_there_is_nothing_to_copy(blank: Database, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="does not exist; expected a database to copy"):
        await copy(blank, tmp_path / "copy.db")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_on_postgresql_its_own_tool_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="pg_dump"):
        await copy(database, tmp_path / "copy.db")
