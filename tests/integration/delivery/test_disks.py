"""A disk that is full or read-only costs time and nothing else: one sentence, no loss, nothing twice."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connector.jobs.contracts import Partnership
from connector.ports import PartnerRequest, Receipt
from connector.store.engine import Database
from connector.store.integrity import examine
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import Dying, deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import HandClock, chain_for, runner_for

FULL = "database: its disk is full; what is stored is whole, and the work goes on when there is space"
READ_ONLY = (
    "database: it can be read and not written; what is stored is whole, and the work goes on when it can be written"
)


def mounted(place: Path, how: str) -> bool:
    """Mount a disk that lives in memory; tell whether that may be done here."""
    words = [shutil.which("mount") or "false", "-t", "tmpfs", "-o", how, "tmpfs", str(place)]
    return subprocess.run(words, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mounted(place, "size=3m"):
        pytest.skip("this machine lets nobody mount a disk")
    yield place
    subprocess.run([shutil.which("umount") or "false", "--lazy", str(place)], check=True)


@pytest.fixture
async def small(disk: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """A database on that disk."""
    shutil.copyfile(sqlite_template, disk / "connector.db")
    opened = Database(f"sqlite:///{disk / 'connector.db'}")
    yield opened
    await opened.aclose()


class Filling(Dying):
    """A channel whose answers find no space left on the disk."""

    def __init__(self, channel: Any, disk: Path) -> None:
        super().__init__(channel, sends=True)
        self._disk = disk

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        receipt: Receipt = await self._channel.deliver(request, again=again)
        fill(self._disk)
        return receipt


def fill(disk: Path) -> None:
    """Use up the disk."""
    handle = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with suppress(OSError):
        while os.write(handle, bytes(4096)):
            pass
    os.close(handle)


async def test_a_disk_that_fills_up_during_a_delivery_costs_no_message_and_doubles_none(
    small: Database, disk: Path, clock: HandClock, at_uplyft: Counter, mm: Partnership
) -> None:
    chain, books, numbers = chain_for(small, clock), Books(small), members(40)
    await check_out(chain, mm, *numbers)
    report = await deliver(chain, replace(mm, channel=Filling(mm.channel, disk)))
    assert (report.outcome, report.error, report.unexpected) == ("failed", FULL, False)
    assert at_uplyft.given() != []
    for job in ("deliver", "reconcile", "sweep"):
        again = await runner_for(chain, [mm]).run(job)
        assert (again.outcome, again.error) == ("failed", FULL)
    (disk / "ballast").unlink()
    for _ in range(3):
        clock.advance(minutes=6)
        report = await deliver(chain, mm)
    assert report.outcome == "ok"
    assert sorted(at_uplyft.given()) == sorted((number, 220) for number in numbers)
    assert set(await books.states()) == {"credited"}
    assert await examine(small) == []


async def test_a_disk_that_only_reads_is_told_in_one_sentence_and_recovered_from(
    small: Database, disk: Path, clock: HandClock, at_uplyft: Counter, mm: Partnership
) -> None:
    await check_out(chain_for(small, clock), mm, *members(2))
    await small.aclose()
    assert mounted(disk, "remount,ro")
    report = await deliver(chain_for(small, clock), mm)
    assert (report.outcome, report.error) == ("failed", READ_ONLY)
    await small.aclose()
    assert mounted(disk, "remount,rw")
    assert (await deliver(chain_for(small, clock), mm)).outcome == "ok"
    assert len(at_uplyft.given()) == 2


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_postgresql_that_only_reads_is_told_in_one_sentence_and_recovered_from(
    database: Database, clock: HandClock, at_uplyft: Counter, mm: Partnership
) -> None:
    await check_out(chain_for(database, clock), mm, *members(2))
    await now(database, "SET default_transaction_read_only = on")
    report = await deliver(chain_for(database, clock), mm)
    assert (report.outcome, report.error) == ("failed", READ_ONLY)
    await now(database, "RESET default_transaction_read_only")
    assert (await deliver(chain_for(database, clock), mm)).outcome == "ok"
    assert len(at_uplyft.given()) == 2


async def now(database: Database, change: str) -> None:
    """Change how every later connection to a database of PostgreSQL works."""
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("SET default_transaction_read_only = off"))
        await alone.execute(text(f'ALTER DATABASE "{database.url.database}" {change}'))
    await database.aclose()


async def test_a_file_that_is_no_database_is_told_in_one_sentence(
    clock: HandClock, mm: Partnership, tmp_path: Path
) -> None:
    (tmp_path / "connector.db").write_bytes(b"no database" * 1000)
    damaged = Database(f"sqlite:///{tmp_path / 'connector.db'}")
    report = await deliver(chain_for(damaged, clock), mm)
    assert report.error == (
        "database: its file is damaged, or is no database; stop the connector, keep the file, and restore a backup"
    )
    await damaged.aclose()
