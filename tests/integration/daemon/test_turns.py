"""A job whose process stood still until its lease ran out: another one goes on, and this one writes nothing more."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import text

from connector.errors import Superseded
from connector.jobs.report import JobOutcome, JobReport
from connector.jobs.runner import Runner
from connector.ports.turns import assure
from connector.store import facts, leases, runs
from connector.store.engine import Database
from tests.integration.daemon.rehearsal import Rehearsed, Work, until
from tests.integration.earning.chain import HandClock, chain_for


@pytest.fixture
def clock() -> HandClock:
    """The clock of both processes."""
    return HandClock()


def runner(database: Database, clock: HandClock, work: Work | None = None) -> Rehearsed:
    """Return one process more, whose ``align`` does what it is told."""
    chain = chain_for(database, clock)
    return Rehearsed(chain, None, [], {}, [], works={} if work is None else {"align": work})


def beside(other: Rehearsed, job: str = "align") -> asyncio.Task[JobReport]:
    """Let another process do a job meanwhile."""
    return asyncio.create_task(other.run(job), context=Context())


async def write(database: Database, value: str, *, fenced: bool = True) -> None:
    async with database.write(fenced=fenced) as connection:
        await facts.write(connection, "written by", value)


async def written(database: Database) -> str | None:
    async with database.read() as connection:
        return await facts.read(connection, "written by")


async def test_its_next_write_ends_it_and_what_the_other_one_wrote_stands(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        await write(database, "the first")
        clock.advance(minutes=3)
        await beside(other)
        await write(database, "the first, awake")

    async def others_work(report: JobReport) -> None:
        await write(database, "the other")

    other = runner(database, clock, others_work)
    report = await runner(database, clock, work).run("align")
    assert await written(database) == "the other"
    assert (report.outcome, report.unexpected) == (JobOutcome.PARTIAL, False)
    assert (
        report.error == "align: this process stood still for too long; another one has taken over and goes on with it"
    )


async def test_the_notes_tell_that_it_was_interrupted(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        clock.advance(minutes=3)
        await beside(runner(database, clock))
        await write(database, "the first, awake")

    await runner(database, clock, work).run("align")
    async with database.read() as connection:
        assert [each.outcome for each in await runs.listing(connection, 9)] == ["ok", "interrupted"]


async def test_it_goes_on_where_nobody_took_over(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        clock.advance(minutes=30)
        await write(database, "the first")
        await assure()

    assert (await runner(database, clock, work).run("align")).outcome is JobOutcome.OK
    assert await written(database) == "the first"


async def test_a_request_that_would_change_something_is_not_sent_any_more(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        clock.advance(minutes=3)
        await beside(runner(database, clock))
        with pytest.raises(Superseded):
            await assure()

    assert (await runner(database, clock, work).run("align")).outcome is JobOutcome.OK


async def test_just_before_a_request_the_lease_begins_anew(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        clock.advance(minutes=1)
        await assure()
        clock.advance(minutes=1.5)
        assert (await beside(runner(database, clock))).outcome is JobOutcome.SKIPPED

    assert (await runner(database, clock, work).run("align")).outcome is JobOutcome.OK


async def test_what_counts_for_everybody_is_written_all_the_same(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        clock.advance(minutes=3)
        await beside(runner(database, clock))
        await write(database, "the first, awake", fenced=False)

    await runner(database, clock, work).run("align")
    assert await written(database) == "the first, awake"


async def test_of_two_turns_both_must_be_held(database: Database, clock: HandClock) -> None:
    ours = runner(database, clock)
    async with ours.turn("stays"), ours.turn("deliver"):
        await write(database, "the first")
        clock.advance(minutes=3)
        await beside(runner(database, clock), "stays")
        with pytest.raises(Superseded, match="stays: "):
            await write(database, "the first, awake")
    await write(database, "after it")
    assert await written(database) == "after it"


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_nobody_takes_a_job_over_amid_a_write(database: Database, clock: HandClock) -> None:
    async def work(report: JobReport) -> None:
        async with database.write() as connection:
            clock.advance(minutes=3)
            taking = beside(other)
            await _until_waiting(database)
            await facts.write(connection, "written by", "the first")
        await taking

    other = runner(database, clock)
    report = await runner(database, clock, work).run("align")
    assert report.outcome is JobOutcome.OK
    assert await written(database) == "the first"


async def _until_waiting(database: Database) -> None:
    """Wait until somebody waits for a lock."""
    sql = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity)")
    async with asyncio.timeout(20), database.read() as connection:
        while not (await connection.execute(sql)).scalar_one():  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_the_server_ends_the_transaction_of_who_stands_still_in_it(database_url: str, clock: HandClock) -> None:
    impatient = Database(f"{database_url}&options=-c%20idle_in_transaction_session_timeout%3D100")

    async def work(report: JobReport) -> None:
        async with impatient.write() as connection:
            await asyncio.sleep(0.5)
            await facts.write(connection, "written by", "the first, awake")

    report = await runner(impatient, clock, work).run("align")
    assert (report.outcome, report.unexpected) == (JobOutcome.FAILED, False)
    assert report.error.startswith("database: its server does not answer, or ended the connection")
    assert await written(impatient) is None
    await impatient.aclose()


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_such_a_transaction_is_ended_before_a_lease_is_over(database: Database) -> None:
    async with database.read() as connection:
        ((shown,),) = await connection.execute(text("SHOW idle_in_transaction_session_timeout"))
    assert shown == "1min"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_renewal_that_the_database_refuses_is_tried_again(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def renew(*_: object) -> bool:
        tried.append("renewed")
        if len(tried) == 1:
            raise ExceptionGroup("the server is away", [RuntimeError()])
        return True

    async def work(report: JobReport) -> None:
        await until(lambda: len(tried) > 1)

    monkeypatch.setattr(leases, "renew", renew)
    ours: Runner = runner(database, clock, work)
    ours.turns.lease = timedelta(milliseconds=40)
    assert (await ours.run("align")).outcome is JobOutcome.OK
