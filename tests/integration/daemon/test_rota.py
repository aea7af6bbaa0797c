"""Instances with one schedule: a pass that another one has just done is not done again, one that failed there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.daemon.timetable import Timetable
from connector.jobs.report import JobReport
from connector.jobs.rota import postponed
from connector.settings import load
from connector.store.engine import Database
from tests.integration.daemon.rehearsal import PLAIN, SECRETS, Rehearsed
from tests.integration.earning.chain import HandClock, chain_for

EVERY = timedelta(minutes=5)


@pytest.fixture
def clock() -> HandClock:
    """The clock of all instances."""
    return HandClock()


def instance(database: Database, clock: HandClock, *, fails: bool = False) -> Rehearsed:
    """Return one instance more."""

    async def fail(report: JobReport) -> None:
        raise RuntimeError("this machine alone has a fault")

    return Rehearsed(chain_for(database, clock), None, [], {}, [], works={"align": fail} if fails else {})


@pytest.mark.parametrize("engine", ["postgresql"])
class TestAStart:
    async def test_waits_for_its_time_after_the_pass_of_another_instance(
        self, database: Database, clock: HandClock
    ) -> None:
        one, other = instance(database, clock), instance(database, clock)
        began = clock.now()
        assert await postponed(one.chain, "align", EVERY) is None
        await one.run("align")
        clock.advance(minutes=2)
        assert await postponed(other.chain, "align", EVERY) == began + EVERY
        assert await postponed(other.chain, "stays", EVERY) is None
        clock.advance(minutes=2.5)
        assert await postponed(other.chain, "align", EVERY) is None

    async def test_waits_for_none_that_began_in_the_future(self, database: Database, clock: HandClock) -> None:
        await instance(database, clock).run("align")
        other = instance(database, clock).chain
        clock.advance(minutes=-0.5)
        assert await postponed(other, "align", EVERY) is not None
        clock.advance(minutes=-59.5)
        assert await postponed(other, "align", EVERY) is None

    async def test_never_waits_for_its_own_last_pass(self, database: Database, clock: HandClock) -> None:
        ours = instance(database, clock)
        await ours.run("align")
        assert await postponed(ours.chain, "align", EVERY) is None

    async def test_follows_at_once_on_one_that_failed(self, database: Database, clock: HandClock) -> None:
        await instance(database, clock, fails=True).run("align")
        assert await postponed(instance(database, clock).chain, "align", EVERY) is None

    async def test_follows_at_once_on_one_of_a_process_that_is_gone(
        self, database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = instance(database, clock)
        await gone.run("align")
        monkeypatch.setattr("connector.jobs.rota.is_dead", lambda name: name == gone.chain.owner)
        assert await postponed(instance(database, clock).chain, "align", EVERY) is None


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_on_sqlite_a_start_never_waits(database: Database, clock: HandClock) -> None:
    await instance(database, clock).run("align")
    assert await postponed(instance(database, clock).chain, "align", EVERY) is None


async def test_a_postponed_job_starts_from_its_new_moment_on_and_a_daily_one_at_its_time(home: object) -> None:
    path = f"{home}/connector.toml"
    with open(path, "w", encoding="utf-8") as file:  # noqa: ASYNC230
        file.write(PLAIN)
    timetable = Timetable(load(path, SECRETS), lambda *_: None)

    async def nothing() -> None: ...

    for name in ("align", "sweep"):
        timetable.add(name, nothing)
    timetable.start()
    timetable.pause()
    due = datetime.now(UTC) + timedelta(minutes=3)
    daily = timetable.scheduler.get_job("sweep").next_run_time
    for name in ("align", "sweep"):
        timetable.postpone(name, due)
    moved = timetable.scheduler.get_job("align").next_run_time
    assert timedelta(0) <= moved - due <= timedelta(seconds=10)
    assert timetable.scheduler.get_job("sweep").next_run_time == daily
    assert (timetable.every("align"), timetable.every("sweep")) == (timedelta(minutes=5), timedelta(days=1))
    timetable.end()
