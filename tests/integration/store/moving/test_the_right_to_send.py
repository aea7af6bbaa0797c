"""One database at most may send for a chain, whatever is exported and imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import Misconfigured, Refused
from connector.jobs import moving
from connector.store import backup, leases, retired
from connector.store.engine import Database
from connector.store.lock import exclusive
from tests.conftest import ENGINES
from tests.integration.store.filled import MOMENT, held
from tests.integration.store.moving.moves import (
    Make,
    content,
    cut_the_note,
    database_file,
    export,
    is_there,
    lines_of,
    mode,
    put,
    take_in,
)

on_both = pytest.mark.parametrize("engine", ENGINES, indirect=True)


class TestWhoMaySend:
    @on_both
    async def test_what_comes_from_a_database_that_was_left_behind_goes_on(
        self, filled: Database, make: Make, file: Path
    ) -> None:
        await export(filled, file, retire=True)
        there = await make()
        assert (await take_in(there, file)).right
        async with there.read() as connection:
            await backup.refuse_marked(connection)
        async with filled.read() as connection:
            with pytest.raises(Refused, match="it moved at 2026-10-25 00:59 UTC"):
                await backup.refuse_marked(connection)

    async def test_what_comes_from_a_database_that_works_on_is_a_copy(
        self, filled: Database, make: Make, file: Path
    ) -> None:
        assert not (await export(filled, file)).right
        there = await make()
        assert not (await take_in(there, file)).right
        async with there.read() as connection:
            with pytest.raises(Refused, match="an import of a file without the right to send"):
                await backup.refuse_marked(connection)
        async with filled.read() as connection:
            await backup.refuse_marked(connection)

    async def test_the_second_import_of_a_file_is_a_copy(self, filled: Database, make: Make, file: Path) -> None:
        await export(filled, file, retire=True)
        assert (await take_in(await make(), file)).right

        again = await take_in(await make(), file)

        assert not again.right
        assert again.taken == "at 2026-10-25 00:59 UTC by anna"

    async def test_a_file_whose_note_was_cut_off_is_a_copy(self, filled: Database, make: Make, file: Path) -> None:
        await export(filled, file, retire=True)
        await take_in(await make(), file)
        cut_the_note(file)

        assert not (await take_in(await make(), file)).right

    async def test_a_database_hands_its_right_over_once(self, filled: Database, tmp_path: Path) -> None:
        assert (await export(filled, tmp_path / "first", retire=True)).right
        assert not (await export(filled, tmp_path / "second", retire=True)).right
        assert not (await export(filled, tmp_path / "third")).right

    async def test_the_copy_of_a_copy_is_one(self, filled: Database, make: Make, tmp_path: Path) -> None:
        await export(filled, tmp_path / "first")
        there, further = await make(), await make()
        await take_in(there, tmp_path / "first")
        await export(there, tmp_path / "second", retire=True)
        await take_in(further, tmp_path / "second")
        async with further.read() as connection:
            with pytest.raises(Refused, match="it is a copy"):
                await backup.refuse_marked(connection)

    @on_both
    async def test_nobody_is_left_behind_in_the_middle_of_a_job(self, filled: Database, file: Path) -> None:
        async with filled.write() as connection:
            await leases.take(connection, "deliver", "another:1:x", MOMENT, MOMENT + moving.LEASE)
        with pytest.raises(Refused, match="a process does deliver just now"):
            await export(filled, file, retire=True)
        async with filled.read() as connection:
            assert await retired.read(connection) is None
        assert not is_there(file)

    async def test_nothing_is_exported_or_imported_while_a_run_has_the_lock(
        self, filled: Database, blank_there: Database, file: Path, tmp_path: Path
    ) -> None:
        with exclusive(database_file(filled)), pytest.raises(Refused, match="another run or sync works"):
            await export(filled, file)
        await export(filled, file)
        with exclusive(database_file(blank_there)), pytest.raises(Refused, match="another run or sync works"):
            await take_in(blank_there, file)

    async def test_a_sealed_database_is_read_and_not_written(self, filled: Database, file: Path) -> None:
        await export(filled, file, retire=True)
        await retired.seal(filled)
        assert await held(filled)
        with pytest.raises(Refused, match="it moved at"):
            async with filled.write():
                pass

    @on_both
    async def test_who_claims_messages_sees_the_mark_that_came_after_the_start(
        self, filled: Database, file: Path, engine: str
    ) -> None:
        async with filled.write() as connection:
            assert await retired.may_claim(connection)
        await export(filled, file, retire=True)
        async with filled.write() as connection:
            assert await retired.may_claim(connection) is (engine == "sqlite")  # there the lock says so before


class TestTheFile:
    async def test_only_its_owner_reads_it(self, filled: Database, file: Path) -> None:
        await export(filled, file)
        assert mode(file) == 0o600

    async def test_one_that_exists_is_replaced_by_force_only(self, filled: Database, file: Path) -> None:
        put(file, b"mine")
        with pytest.raises(Misconfigured, match=r"exists already; .*--force"):
            await export(filled, file, retire=True)
        assert content(file) == b"mine"
        async with filled.read() as connection:
            assert await retired.read(connection) is None
        await export(filled, file, force=True)
        assert lines_of(file)

    async def test_one_in_a_folder_that_is_not_there(self, filled: Database, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="its folder does not exist"):
            await export(filled, tmp_path / "nowhere" / "file", retire=True)
        async with filled.read() as connection:
            assert await retired.read(connection) is None

    async def test_without_a_database_there_is_none(self, blank: Database, file: Path) -> None:
        with pytest.raises(Misconfigured, match="was never set up"):
            await export(blank, file)
