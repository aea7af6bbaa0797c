"""What machines ask: alive, ready, figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.store import facts, migrations
from connector.store.engine import Database
from connector.web.pulse import STALE, Pulse
from connector.web.readiness import FRESH, Readiness
from tests.integration.web.site import OPERATORS, TOKENS, Site, site

OK = {"status": "ok"}


class Time:
    """A clock that stands still."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


async def execute(database: Database, *statements: str) -> None:
    """Change the database."""
    async with database.write() as connection:
        for each in statements:
            await connection.execute(text(each))


@pytest.fixture
def time() -> Time:
    """The clock of the one who is asked."""
    return Time()


@pytest.fixture
async def closed(file_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A console that nobody can log in to: health is open all the same."""
    async with site(tmp_path, file_url, "", {}) as opened:
        yield opened


async def test_health_is_told_to_everybody(closed: Site) -> None:
    async with closed.browser() as machine:
        for path in ("/livez", "/readyz"):
            answer = await machine.get(path)
            assert (answer.status_code, answer.json()) == (200, OK)


async def test_it_lives_while_the_scheduler_ticks(closed: Site, time: Time) -> None:
    closed.console.pulse = Pulse(time)
    async with closed.browser() as machine:
        time.now += STALE
        assert (await machine.get("/livez")).status_code == 200
        time.now += 1
        answer = await machine.get("/livez")
        assert (answer.status_code, answer.json()) == (
            503,
            {"status": "unavailable", "reason": "the scheduler last ticked 61 s ago; expected less than 60 s"},
        )
        closed.console.pulse.beat()
        assert (await machine.get("/livez")).status_code == 200


async def test_it_is_ready_when_the_store_takes_a_write(database: Database) -> None:
    assert await Readiness(database).fault() is None
    async with database.read() as connection:
        assert await facts.read(connection, "written_at")


async def test_it_is_not_ready_with_a_database_of_another_version(database: Database) -> None:
    await execute(database, "UPDATE alembic_version SET version_num = '0001'")
    fault = await Readiness(database).fault()
    await execute(database, f"UPDATE alembic_version SET version_num = '{migrations.HEAD}'")

    assert fault == f"the database is at revision 0001; expected {migrations.HEAD}"


async def test_it_is_not_ready_when_writes_fail(closed: Site) -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    await execute(closed.console.app.database, f"CREATE TRIGGER full BEFORE INSERT ON fact {refusal}")
    async with closed.browser() as machine:
        answer = await machine.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "reason": "the database cannot be written (IntegrityError)"},
    )


async def test_nobody_waits_long_for_a_store_that_is_stuck(closed: Site) -> None:
    database = closed.console.app.database
    readiness = Readiness(database, patience=0.01)
    async with database.write():
        faults = await asyncio.gather(readiness.fault(), readiness.fault())

    assert faults == ["the database did not take a write within 0.01 s"] * 2
    await asyncio.wait_for(readiness._looking, 5)  # type: ignore[arg-type]
    assert await readiness.fault() is None


async def test_however_often_it_is_asked_it_looks_once_in_a_while(closed: Site, time: Time) -> None:
    database = closed.console.app.database
    readiness = Readiness(database, time)
    assert await readiness.fault() is None
    await execute(database, "UPDATE alembic_version SET version_num = '0001'")
    assert await readiness.fault() is None
    time.now += FRESH
    assert await readiness.fault()


async def test_figures_are_open_unless_they_need_a_token(closed: Site, file_url: str, tmp_path: Path) -> None:
    async with closed.browser() as prometheus:
        answer = await prometheus.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")

    (tmp_path / "other").mkdir()
    async with site(tmp_path / "other", file_url, f'[web]\nmetrics = "token"\n{OPERATORS}') as opened:
        async with opened.browser() as prometheus:
            assert (await prometheus.get("/metrics")).status_code == 401
        async with opened.browser(Authorization=f"Bearer {TOKENS['anna']}") as prometheus:
            assert (await prometheus.get("/metrics")).status_code == 200
