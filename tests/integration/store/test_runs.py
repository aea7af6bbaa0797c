"""The runs of the jobs as they are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.store import runs
from connector.store.engine import Database
from connector.store.runs import Record, Run
from tests.integration.store.makers import MINUTE, NOW


def ended(run: str, job: str = "align", **facts: object) -> Run:
    plain = Run(job, run, "host:1:a", NOW, NOW + MINUTE, "ok", read=5, written=2, requests=3, seconds=59.5)
    return replace(plain, **facts)


async def ran(database: Database, *told: Run) -> None:
    for each in told:
        async with database.write() as connection:
            await runs.begin(connection, each.job, each.run, each.instance, each.started_at)
        async with database.write() as connection:
            await runs.end(connection, each)


async def begun(database: Database, run: str, job: str = "align", instance: str = "host:1:a") -> None:
    async with database.write() as connection:
        await runs.begin(connection, job, run, instance, NOW)


async def latest(database: Database) -> dict[str, Record]:
    async with database.read() as connection:
        return await runs.latest(connection)


async def test_a_run_comes_back_as_it_ended(database: Database) -> None:
    await ran(database, ended("one"))
    assert await latest(database) == {"align": Record(ended("one"), ended("one"), ended("one"))}


async def test_the_last_success_is_told_beside_the_last_run_of_each_job(database: Database) -> None:
    failed = ended("two", outcome="failed", error="align: Mews is away")
    await ran(database, ended("one"), failed, ended("three", "stays", outcome="partial"))
    found = await latest(database)
    assert found["align"] == Record(failed, failed, ended("one"))
    assert found["stays"].ok is None


async def test_a_run_under_way_is_seen_and_counts_the_starts_that_it_costs(database: Database) -> None:
    await begun(database, "one")
    await begun(database, "two", "stays")
    for _ in range(2):
        async with database.write() as connection:
            await runs.skip(connection, "align")
    found = await latest(database)
    assert (found["align"].last.ended_at, found["align"].last.outcome, found["align"].last.skipped) == (None, "", 2)
    assert found["stays"].last.skipped == 0


async def test_a_run_whose_job_begins_anew_was_interrupted(database: Database) -> None:
    await begun(database, "one")
    await begun(database, "other", "stays")
    await begun(database, "two", instance="host:2:b")
    async with database.read() as connection:
        found = {each.run: each.outcome for each in await runs.listing(connection, 10)}
    assert found == {"one": "interrupted", "other": "", "two": ""}


async def test_a_run_that_was_called_interrupted_stays_so_when_it_ends_after_all(database: Database) -> None:
    await begun(database, "one")
    await begun(database, "two", instance="host:2:b")
    async with database.write() as connection:
        await runs.end(connection, ended("one"))
    async with database.read() as connection:
        assert [each.outcome for each in await runs.listing(connection, 10)] == ["", "interrupted"]


async def test_the_listing_takes_a_job_and_outcomes(database: Database) -> None:
    await ran(database, ended("one"), ended("two", outcome="failed"), ended("three", "stays", outcome="failed"))
    async with database.read() as connection:
        assert [each.run for each in await runs.listing(connection, 2)] == ["three", "two"]
        assert [each.run for each in await runs.listing(connection, 9, job="align", outcomes=["failed"])] == ["two"]


async def test_of_old_runs_only_the_last_success_is_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    await ran(database, ended("other job", "stays"), ended("first ok"), ended("last ok"))
    await ran(database, *(ended(f"bad {number}", outcome="failed") for number in range(4)))
    async with database.read() as connection:
        kept = [each.run for each in await runs.listing(connection, 10)]
    assert kept == ["bad 3", "bad 2", "last ok", "other job"]
