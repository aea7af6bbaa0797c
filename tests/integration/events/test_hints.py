"""A hint makes a job run early, once, and never more often than is good."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from connector.domain.hints import Hint
from connector.jobs import hints
from connector.jobs.report import JobOutcome
from connector.jobs.runner import Runner
from connector.store import hints as store
from connector.store import leases
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.earning.chain import (
    HandClock,
    chain_for,
    miles_and_more,
    runner_for,
    uplyft_channel,
    uplyft_client,
)
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.events.listeners import hinted, until


async def hear(database: Database, found: Hint, clock: HandClock) -> None:
    """Hear a hint, a moment before now."""
    async with database.write() as connection:
        await store.save(connection, [found], clock.now() - hints.SETTLE)


@dataclass
class Runs:
    """Runs jobs, and remembers which."""

    runner: Runner
    names: list[str] = field(default_factory=list)

    def start(self, job: str) -> asyncio.Task[None]:
        """Run a job as a task."""
        return asyncio.create_task(self.run(job))

    async def run(self, job: str) -> None:
        """Run a job."""
        self.names.append(job)
        await self.runner.run(job)


@dataclass
class Woken:
    """A waker with its clock."""

    clock: HandClock
    database: Database
    runs: Runs
    waker: hints.Waker

    async def look(self) -> list[str]:
        """Look for both jobs; return which ran."""
        started = {job: run for job in hints.JOBS if (run := await self.waker.look(job))}
        await asyncio.gather(*started.values())
        return list(started)


@pytest.fixture
def woken(database: Database) -> Woken:
    """A process without hotels: its jobs are skipped, and hear what there is all the same."""
    clock = HandClock()
    runs = Runs(runner_for(chain_for(database, clock), []))
    return Woken(clock, database, runs, hints.Waker(runs.runner.chain, runs.start))


STAY, GUEST = Hint("reservation", "r1", "wien"), Hint("customer", "g1", "wien")


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_each_kind_wakes_the_job_that_reads_it_once(woken: Woken) -> None:
    assert await woken.look() == []
    await hear(woken.database, STAY, woken.clock)
    assert await woken.look() == ["stays"]
    await hear(woken.database, GUEST, woken.clock)
    assert await woken.look() == ["align"]
    woken.clock.advance(minutes=1)
    assert await woken.look() == []


async def test_a_busy_chain_wakes_a_job_no_more_than_every_ten_seconds(woken: Woken) -> None:
    await hear(woken.database, STAY, woken.clock)
    assert await woken.look() == ["stays"]
    await hear(woken.database, STAY, woken.clock)
    woken.clock.advance(seconds=9)
    assert await woken.look() == []
    woken.clock.advance(seconds=1)
    assert await woken.look() == ["stays"]


async def test_a_hint_settles_first_and_is_not_forgotten_before_it_has(woken: Woken) -> None:
    """What was changed within the same second may lie beyond the end of what a reading asks for."""
    woken.clock.advance(seconds=1)
    await hear(woken.database, STAY, woken.clock)
    woken.clock.advance(seconds=-1)
    assert await woken.look() == []
    await woken.runs.run("stays")
    assert await hinted(woken.database) == [("reservation", "r1", "wien")]
    woken.clock.advance(seconds=1)
    assert await woken.look() == ["stays"]


async def test_what_comes_during_a_reading_wakes_the_next_one_once_that_has_ended(woken: Woken) -> None:
    ended = asyncio.Event()

    async def run(job: str) -> None:
        await woken.runs.run(job)
        await ended.wait()

    woken.waker.start = lambda job: asyncio.create_task(run(job))
    await hear(woken.database, STAY, woken.clock)
    first = await woken.waker.look("stays")
    assert first
    await until(lambda: forgotten(woken.database))
    await hear(woken.database, STAY, woken.clock)
    woken.clock.advance(seconds=60)
    assert not await woken.waker.look("stays")
    ended.set()
    await first
    assert await woken.look() == ["stays"]
    assert woken.runs.names == ["stays", "stays"]


async def forgotten(database: Database) -> bool:
    return await hinted(database) == []


async def test_a_job_that_another_process_does_is_tried_again(woken: Woken) -> None:
    now = woken.clock.now()
    async with woken.database.write() as connection:
        await leases.take(connection, "stays", "another", now, now + 9 * hints.PAUSE)
    await hear(woken.database, STAY, woken.clock)
    assert await woken.look() == ["stays"]
    woken.clock.advance(seconds=10)
    assert await woken.look() == ["stays"]
    assert await hinted(woken.database) == [("reservation", "r1", "wien")]


async def test_a_reading_that_fails_is_left_to_the_schedule(desk: FrontDesk) -> None:
    desk.fault("enterprises/getAll=400")
    await hear(desk.database, STAY, desk.clock)
    partnership = miles_and_more(uplyft_channel(uplyft_client("http://127.0.0.1:9")))
    report = await runner_for(desk.chain(), [partnership]).run("stays")
    assert report.outcome is JobOutcome.FAILED
    assert await hinted(desk.database) == []
