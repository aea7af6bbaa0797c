from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from connector.store import cursors, facts, ledger
from connector.store.cursors import Cursor
from connector.store.engine import Database, wal_is_safe
from connector.store.rows import table
from connector.store.tables.ledger import Claim
from tests.integration.store.makers import NOW, message


async def increment(database: Database) -> None:
    async with database.write() as connection:
        if not database.is_sqlite:  # there a row lock is what makes reading and writing one step
            await connection.execute(text("SELECT value FROM fact WHERE name = 'n' FOR UPDATE"))
        number = int(await facts.read(connection, "n") or 0)
        await asyncio.sleep(0)
        await facts.write(connection, "n", str(number + 1))


async def number(database: Database) -> int:
    async with database.read() as connection:
        return int(await facts.read(connection, "n") or 0)


async def test_of_a_hundred_concurrent_increments_none_is_lost(database: Database) -> None:
    async with database.write() as connection:
        await facts.write(connection, "n", "0")
    await asyncio.gather(*(increment(database) for _ in range(100)))
    assert await number(database) == 100


async def test_increments_of_several_processes_are_not_lost_either(processes: list[Database]) -> None:
    async with processes[0].write() as connection:
        await facts.write(connection, "n", "0")
    await asyncio.gather(*(increment(each) for each in processes for _ in range(12)))
    assert await number(processes[0]) == 60


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await facts.write(connection, "n", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await number(database) == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_write_that_is_cancelled_while_it_waits_leaves_nothing_open(processes: list[Database]) -> None:
    async with processes[0].write() as connection:
        await facts.write(connection, "n", "0")
    async with processes[0].write() as connection:
        await facts.write(connection, "n", "5")
        waiting = asyncio.create_task(increment(processes[1]))
        for _ in range(100):  # by then its first statement waits in the database's thread
            await asyncio.sleep(0)
        waiting.cancel()
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
    for each in processes[:2]:
        await increment(each)
    assert await number(processes[1]) == 7


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_was_committed_is_not_rolled_back_as_well(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[str] = []
    await increment(database)  # opening a connection ends with a rollback

    async def rollback(_connection: aiosqlite.Connection) -> None:
        trips.append("rollback")

    monkeypatch.setattr(aiosqlite.Connection, "rollback", rollback)
    await increment(database)
    assert trips == []


async def test_a_row_that_points_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(
                table(Claim).insert(), [{"partner": "p", "seat": "owner", "reservation_id": "r", "award_id": "none"}]
            )


async def test_a_message_without_an_award_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await ledger.append(connection, [message()], "test", NOW)


async def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 1)  # noqa: DTZ001  # that is the point
    with pytest.raises((StatementError, ValueError), match=r"naive|timezone|aware"):
        async with database.write() as connection:
            await cursors.save(connection, Cursor("guests", "chain", watermark=naive), NOW)


async def test_a_moment_of_any_time_zone_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=9)))
    async with database.write() as connection:
        await cursors.save(connection, Cursor("guests", "chain", watermark=local), NOW)
    async with database.read() as connection:
        watermark = (await cursors.load(connection, "guests", "chain")).watermark
    assert watermark == NOW
    assert watermark is not None
    assert watermark.tzinfo is UTC
    assert watermark.isoformat() == NOW.isoformat()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_every_sqlite_connection_is_durable_and_checks_foreign_keys(database: Database) -> None:
    expected = {
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "journal_mode": "wal" if wal_is_safe() else "truncate",
    }
    async with database.read() as first, database.read() as second:
        for connection in (first, second):
            found = {name: (await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in expected}
            assert found == expected


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_write_takes_the_lock_before_it_reads(processes: list[Database]) -> None:
    first, second, *_ = processes
    async with first.write() as connection:
        await connection.execute(text("SELECT 1"))
        waiting = asyncio.create_task(increment(second))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
    await waiting


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_file_of_an_sqlite_database_is_known(database_url: str, tmp_path: Path) -> None:
    file = Database(database_url).file
    assert file is not None
    assert file.parent == tmp_path


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_postgresql_database_has_no_file(database_url: str) -> None:
    assert Database(database_url).file is None
