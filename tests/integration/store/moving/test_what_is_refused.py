"""What is not as it was written, or does not belong here, is not imported, and nothing of it stays."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connector.errors import Misconfigured, Refused
from connector.jobs import moving
from connector.store import facts, migrations
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.store.moving.moves import (
    KEY,
    Make,
    claim_the_right,
    cut,
    end_early,
    export,
    flip_a_bit,
    is_empty,
    is_nothing,
    is_text,
    lines_of,
    lose_a_row,
    put,
    raise_miles,
    sealed_anew,
    take_in,
)

on_both = pytest.mark.parametrize("engine", ENGINES, indirect=True)


class TestWhatIsNotImported:
    @pytest.mark.parametrize(
        "damage", [cut, end_early, lose_a_row, raise_miles, claim_the_right, flip_a_bit, is_text, is_nothing]
    )
    async def test_a_file_that_is_not_as_it_was_written(
        self, filled: Database, blank_there: Database, file: Path, damage: Callable[[Path], None]
    ) -> None:
        await export(filled, file)
        damage(file)
        with pytest.raises(Refused, match="not whole, or was altered"):
            await take_in(blank_there, file)
        assert await migrations.revision(blank_there) is None, "nothing was written before all was read"

    async def test_a_file_of_another_kind_or_that_is_not_there(self, blank_there: Database, file: Path) -> None:
        with pytest.raises(Misconfigured, match="does not exist"):
            await take_in(blank_there, file)
        put(file, gzip.compress(b'{"format": "another"}\n'))
        with pytest.raises(Refused, match="no file of `state export`"):
            await take_in(blank_there, file)

    async def test_a_file_of_another_chain(self, filled: Database, blank_there: Database, file: Path) -> None:
        await export(filled, file)
        with pytest.raises(Refused, match="chain chain-1, which no access token of this configuration has read"):
            await take_in(blank_there, file, tokens=("stranger",))
        assert await is_empty(blank_there)

    async def test_a_file_written_with_another_hash_key(
        self, filled: Database, blank_there: Database, file: Path
    ) -> None:
        await export(filled, file)
        with pytest.raises(Refused, match="another hash key"):
            await take_in(blank_there, file, key=b"another")

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("revision", "9999", "revision 9999, written by connector .*, newer than this version"),
            ("version", 2, "in a newer form"),
            ("revision", "0015", "knows no revision 0015"),
        ],
    )
    async def test_a_file_of_a_version_that_is_not_known(
        self, filled: Database, blank_there: Database, file: Path, name: str, value: Any, told: str
    ) -> None:
        await export(filled, file)
        sealed_anew(file, {name: value})
        with pytest.raises(Refused, match=told):
            await take_in(blank_there, file)
        assert await is_empty(blank_there)

    @on_both
    async def test_into_a_database_that_holds_anything(self, filled: Database, make: Make, file: Path) -> None:
        await export(filled, file)
        there = await make()
        async with there.write() as connection:
            await facts.write(connection, "chain_id", "chain-1")
        with pytest.raises(Refused, match=r"the database is not empty \(fact\)"):
            await take_in(there, file)

    @on_both
    async def test_a_history_that_was_changed_before_the_export(self, filled: Database, make: Make, file: Path) -> None:
        async with filled.write() as connection:
            await connection.execute(text("UPDATE history SET actor = 'nobody' WHERE award_id = 'award-1'"))
        await export(filled, file, retire=True)
        there = await make()
        with pytest.raises(Refused, match=r"not sound, and nothing was imported: .*award-1 was changed"):
            await take_in(there, file)
        assert await is_empty(there)
        assert lines_of(file)[-1].startswith(b'{"seal"'), "its right was not taken"

    @pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
    async def test_a_text_that_postgresql_does_not_take(self, filled: Database, make: Make, file: Path) -> None:
        await export(filled, file)
        lines = lines_of(file)
        sealed_anew(file, {}, lambda line: line.replace(b"Zo\xc3\xab", b"\\u0000"), lines)
        there = await make()
        with pytest.raises(Refused, match=r"does not take a row of it \(DataError\)"):
            await take_in(there, file)
        assert await is_empty(there)

    async def test_two_imports_of_one_file_at_once(self, filled: Database, make: Make, file: Path) -> None:
        await export(filled, file, retire=True)
        with moving.Reader(file, KEY).held(), pytest.raises(Refused, match="another import reads it"):
            await take_in(await make(), file)
