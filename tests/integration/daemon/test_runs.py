"""Each run of a job leaves a note and carries a name; what happens to one job is no other's matter."""

from __future__ import annotations

import asyncio
import io
import json
import re

import pytest
import structlog

from connector.errors import Misconfigured, Unfinished
from connector.jobs.gauges import Gauges
from connector.jobs.overview import overview
from connector.jobs.report import JobOutcome, JobReport
from connector.jobs.runner import JOBS
from connector.store import runs
from connector.store.engine import Database
from connector.store.runs import Record, Run
from connector.telemetry import metrics
from connector.telemetry.logging import configure
from tests.integration.daemon.rehearsal import Rehearsed
from tests.integration.earning.chain import HandClock, chain_for
from tests.logs import untouched_logging

PERSONAL = "anna.muster@example.com 992001234567894"


def runner(database: Database, **works: object) -> Rehearsed:
    chain = chain_for(database, HandClock())
    return Rehearsed(chain, None, [], {}, [], works=works)  # type: ignore[arg-type]


async def records(database: Database) -> dict[str, Record]:
    async with database.read() as connection:
        return await runs.latest(connection)


async def last(database: Database, job: str = "align") -> Run:
    return (await records(database))[job].last


async def busy(report: JobReport) -> None:
    report.read, report.written = 7, 3


async def test_a_run_is_noted_with_what_it_did(database: Database) -> None:
    ours = runner(database, align=busy)
    report = await ours.run("align")
    noted = await last(database)
    assert (noted.run, noted.outcome, noted.read, noted.written) == (report.run, "ok", 7, 3)
    assert (noted.instance, noted.ended_at is None, noted.seconds) == (ours.chain.owner, False, report.seconds)


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (Unfinished(f"align: Mews said {PERSONAL}"), "failed", "align: Mews said [e-mail] …7894"),
        (Misconfigured("scheme: it is wrong"), "failed", "scheme: it is wrong"),
        (ValueError(PERSONAL), "failed", "align: unexpected ValueError; the log has the details"),
    ],
)
async def test_a_failed_run_is_noted_in_a_sentence_without_personal_data(
    database: Database, error: Exception, outcome: str, words: str
) -> None:
    async def fail(report: JobReport) -> None:
        raise error

    await runner(database, align=fail).run("align")
    noted = await last(database)
    assert (noted.outcome, noted.error) == (outcome, words)


async def test_the_failure_of_one_job_stops_no_other(database: Database) -> None:
    async def fail(report: JobReport) -> None:
        raise RuntimeError("a defect")

    ours = runner(database, align=fail, stays=busy)
    outcomes = {name: (await ours.run(name)).outcome for name in JOBS}
    assert outcomes == dict.fromkeys(JOBS, JobOutcome.OK) | {"align": JobOutcome.FAILED}


async def test_a_run_under_way_is_seen_and_a_second_start_is_left_out(database: Database) -> None:
    going, end = asyncio.Event(), asyncio.Event()

    async def wait(report: JobReport) -> None:
        going.set()
        await end.wait()

    ours = runner(database, align=wait)
    first = asyncio.create_task(ours.run("align"))
    await going.wait()
    assert (await last(database)).ended_at is None
    assert (await ours.run("align")).outcome is JobOutcome.SKIPPED
    assert (await runner(database, align=busy).run("align")).outcome is JobOutcome.SKIPPED
    await ours.skipped("align")
    end.set()
    await first
    noted = await last(database)
    assert (noted.outcome, noted.skipped) == ("ok", 1)


async def test_two_starts_at_one_moment_are_one_run(database: Database) -> None:
    ours = runner(database, align=busy)
    outcomes = {report.outcome for report in await asyncio.gather(ours.run("align"), ours.run("align"))}
    assert outcomes == {JobOutcome.OK, JobOutcome.SKIPPED}


async def test_a_run_that_is_cut_off_is_called_interrupted(database: Database) -> None:
    going = asyncio.Event()

    async def for_ever(report: JobReport) -> None:
        going.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(runner(database, align=for_ever).run("align"))
    await going.wait()
    task.cancel()
    await asyncio.wait([task])
    assert (await last(database)).outcome == "interrupted"


async def test_every_line_of_a_run_carries_its_job_and_its_name(database: Database) -> None:
    stream = io.StringIO()

    async def talk(report: JobReport) -> None:
        await asyncio.gather(*(asyncio.to_thread(structlog.get_logger("deep").warning, "inside") for _ in range(2)))
        raise Unfinished("align: it ended")

    with untouched_logging():
        configure("json", "INFO", stream)
        report = await runner(database, align=talk).run("align")
        structlog.get_logger("after").warning("outside")
    *inside, outside = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = [(each["event"], each["job"], each["run"]) for each in inside]
    assert told == [(event, "align", report.run) for event in ("inside", "inside", "job")]
    assert not {"job", "run"} & outside.keys()


async def test_metrics_tell_the_runs_and_what_the_store_knows(database: Database) -> None:
    async def fail(report: JobReport) -> None:
        raise Unfinished("stays: it ended")

    metrics.forget()
    ours = runner(database, align=busy, stays=fail)
    for name in ("align", "stays"):
        await ours.run(name)
    await Gauges().refresh(ours)
    page = metrics.exposition()[0].decode()
    metrics.forget()
    assert 'loyalty_job_runs_total{job_name="align",outcome="ok"} 1.0' in page
    assert 'loyalty_job_runs_total{job_name="stays",outcome="failed"} 1.0' in page
    (moment,) = re.findall(r'loyalty_job_last_success_timestamp_seconds{job_name="align"} (\S+)', page)
    assert float(moment) == ours.chain.clock.now().timestamp()
    assert 'timestamp_seconds{job_name="stays"}' not in page
    assert "loyalty_plan_unconfirmed 0.0" in page


async def test_the_store_is_looked_at_once_for_all_who_ask_within_seconds(database: Database) -> None:
    ours = runner(database)
    gauges = Gauges()
    await asyncio.gather(gauges.refresh(ours), gauges.refresh(ours))
    await database.aclose()
    ours.chain.database = None  # type: ignore[assignment]  # whoever looks now, fails
    await gauges.refresh(ours)


async def test_the_overview_of_an_empty_store_is_empty(database: Database) -> None:
    async with database.read() as connection:
        found = await overview(connection)
    assert (found.jobs, list(found.queue), found.cases, found.circuits, found.plan) == ({}, [], {}, {}, None)
