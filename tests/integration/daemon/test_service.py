"""The daemon as its signals, its schedule and its service manager meet it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from connector import heartbeat
from connector.bootstrap import App
from connector.daemon import serve, service
from connector.errors import Refused, Unfinished
from connector.jobs.report import JobReport
from connector.jobs.runner import JOBS
from connector.settings import load
from connector.store import retired, runs
from connector.store.lock import exclusive
from connector.store.retired import Retirement
from connector.telemetry.logging import configure
from tests.integration.daemon.rehearsal import PATIENCE, PLAIN, SECRETS, opened, rehearsed, serving, until

OFTEN = '[schedule]\ndeliver = "1s"\n'


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("LOYALTY_")]:
        monkeypatch.delenv(name)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def manager(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The service manager's socket; it watches."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(str(home / "notify"))
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(home / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        yield listening


def heard(manager: socket.socket) -> list[str]:
    """Return the words that came, without values and what is told again and again."""
    words = []
    try:
        while True:
            words += [line.partition("=")[0] for line in manager.recv(4096).decode().split("\n")]
    except BlockingIOError:
        return [word for word in words if word not in ("STATUS", "WATCHDOG")]


def tell(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def logged(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def rewrite(app: App, text: str) -> None:
    app.settings.file.write_text(text)


async def test_every_job_starts_at_once_and_sigterm_ends_the_daemon(home: Path) -> None:
    async with opened(home) as app:
        app.runner = ours = rehearsed(app.runner)
        async with serving(app) as task:
            await until(lambda: set(ours.ran) == set(JOBS))
            await until(lambda: heartbeat.last(app.settings))
            tell(signal.SIGTERM)
            await asyncio.wait_for(task, 10)
        assert heartbeat.last(app.settings) is None


async def test_a_daemon_whose_database_moved_ends_and_says_where_it_went(home: Path) -> None:
    async with opened(home, PLAIN + OFTEN) as app:
        app.runner = ours = rehearsed(app.runner)
        task = asyncio.create_task(serve(app))
        await until(lambda: set(ours.ran) == set(JOBS))
        async with app.database.write() as connection:
            await retired.write(connection, Retirement(datetime.now(UTC), "anna", "chain.state.gz", handed=True))
        with pytest.raises(Refused, match=r"it moved at .* to chain\.state\.gz"):
            await asyncio.wait_for(task, PATIENCE)


async def test_what_is_under_way_may_finish_when_the_daemon_is_stopped(home: Path) -> None:
    going, end = asyncio.Event(), asyncio.Event()

    async def work(report: JobReport) -> None:
        going.set()
        await end.wait()

    async with opened(home) as app:
        app.runner = ours = rehearsed(app.runner, align=work)
        async with serving(app) as task:
            await going.wait()
            await until(lambda: len(ours.ran) == len(JOBS) - 1)
            tell(signal.SIGTERM)
            await asyncio.sleep(0.05)
            end.set()
            await asyncio.wait_for(task, 10)
        assert "align" in ours.ran


async def test_one_jobs_failure_stops_no_other_job_and_no_later_run_of_its_own(home: Path) -> None:
    async def fail(report: JobReport) -> None:
        raise RuntimeError("a defect")

    async with opened(home, OFTEN + PLAIN) as app:
        app.runner = ours = rehearsed(app.runner, deliver=fail)
        async with serving(app):
            await until(lambda: set(ours.ran) == set(JOBS) - {"deliver"})
            await _deliver_failed(app, 2)


async def _deliver_failed(app: App, times: int) -> None:
    async with asyncio.timeout(20):
        while True:
            async with app.database.read() as connection:
                if len(await runs.listing(connection, 9, job="deliver", outcomes=["failed"])) >= times:
                    return
            await asyncio.sleep(0.02)


async def test_a_database_that_does_not_answer_is_told_once_beside_the_jobs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, looks = io.StringIO(), []

    async def look(_: object, job: str) -> None:
        looks.append(job)
        if len(looks) < 20:
            raise OperationalError("SELECT ?", ("a guest",), sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(service.hints.Waker, "look", look)
    monkeypatch.setattr(service.hints, "LOOK", timedelta(seconds=0.05))
    async with opened(home) as app:
        app.runner = rehearsed(app.runner)
        configure("json", "INFO", stream)
        async with serving(app):
            await until(lambda: len(looks) > 30)
    failed = [each for each in logged(stream) if each["event"] == "what the daemon does beside the jobs failed"]
    again = [each for each in logged(stream) if each["event"] == "what the daemon does beside the jobs works again"]
    assert sorted(each["what"] for each in failed) == sorted(f"hints for {job}" for job in set(looks))
    assert len(again) == len(failed)
    assert all("another process works on it for too long" in each["error"] for each in failed)
    assert "a guest" not in stream.getvalue()
    assert "Traceback" not in stream.getvalue()


async def test_a_start_whose_turn_nobody_can_tell_is_a_run_that_tells_why(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def postponed(*_: object) -> None:
        raise OperationalError("SELECT 1", (), sqlite3.OperationalError("database is locked"))

    stream = io.StringIO()
    monkeypatch.setattr(service, "postponed", postponed)
    async with opened(home) as app:
        app.runner = ours = rehearsed(app.runner)
        configure("json", "INFO", stream)
        async with serving(app):
            await until(lambda: set(ours.ran) == set(JOBS))
    assert "Traceback" not in stream.getvalue()


async def test_a_run_longer_than_its_interval_is_told_once_and_seen(home: Path) -> None:
    stream, end = io.StringIO(), asyncio.Event()

    async def work(report: JobReport) -> None:
        await end.wait()

    async with opened(home, OFTEN + PLAIN) as app:
        configure("json", "INFO", stream)
        app.runner = ours = rehearsed(app.runner, deliver=work)
        async with serving(app):
            async with asyncio.timeout(20):
                skipped = 0
                while skipped < 2:
                    await asyncio.sleep(0.02)
                    async with app.database.read() as connection:
                        found = await runs.latest(connection)
                    skipped = found["deliver"].last.skipped if "deliver" in found else 0
            end.set()
            await until(lambda: "deliver" in ours.ran)
    told = [each for each in logged(stream) if "takes longer" in each["event"]]
    assert [each["job"] for each in told] == ["deliver"]


async def test_sighup_lets_another_configuration_count_and_what_runs_end_by_its_own(home: Path) -> None:
    going, end = asyncio.Event(), asyncio.Event()

    async def work(report: JobReport) -> None:
        going.set()
        await end.wait()

    async with opened(home) as app:
        app.runner = ours = rehearsed(app.runner, align=work)
        async with serving(app):
            await going.wait()
            rewrite(app, PLAIN.replace("Alpenglow Hotels", "Alpenglow Resorts"))
            tell(signal.SIGHUP)
            await until(lambda: app.settings.chain.name == "Alpenglow Resorts")
            assert app.runner is not ours
            assert (await app.runner.run("align")).error == "align: it is under way already"
            with pytest.raises(Refused):
                exclusive(app.database.file).__enter__()  # type: ignore[arg-type]  # it is a file here
            end.set()
            await until(lambda: "align" not in app.runner.turns.busy)
            async with app.database.read() as connection:
                assert (await runs.latest(connection))["align"].last.outcome == "ok"


async def test_connections_of_the_configuration_before_are_closed_when_its_last_job_has_ended(home: Path) -> None:
    going, end, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(report: JobReport) -> None:
        going.set()
        await end.wait()

    async def close() -> None:
        closed.set()

    async with opened(home) as app:
        app._opened.push_async_callback(close)
        app.runner = ours = rehearsed(app.runner, align=work)
        run = asyncio.create_task(ours.run("align"))
        await going.wait()
        await app.change(app.settings)
        await app.runner.run("stays")
        assert not closed.is_set()
        end.set()
        await run
        await asyncio.wait_for(closed.wait(), 10)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[chain\n", ["connector.toml"]),
        (PLAIN + "[schedule]\naling = '5m'\nstays = '2'\n", ["schedule.aling", "schedule.stays"]),
        (
            PLAIN.replace("127.0.0.1:9", "127.0.0.1:8") + '[database]\nurl = "sqlite:///other.db"\n',
            ["database.url: it cannot change while the daemon runs", "mews.platform_address: it cannot change"],
        ),
    ],
    ids=["no TOML", "faults", "what cannot change"],
)
async def test_sighup_keeps_the_configuration_before_where_the_new_one_is_wrong(
    home: Path, manager: socket.socket, text: str, faults: list[str]
) -> None:
    stream = io.StringIO()
    async with opened(home) as app:
        configure("json", "INFO", stream)
        app.runner = ours = rehearsed(app.runner)
        async with serving(app):
            before = app.settings
            await until(lambda: heartbeat.last(before))
            rewrite(app, text)
            tell(signal.SIGHUP)
            await until(lambda: (life := heartbeat.last(before)) and life.refused)
            assert (app.settings, app.runner) == (before, ours)
            words: list[str] = []
            await until(lambda: words.extend(heard(manager)) or words.count("READY") == 2)
            assert words == ["READY", "RELOADING", "MONOTONIC_USEC", "READY"]
            rewrite(app, PLAIN)
            tell(signal.SIGHUP)
            await until(lambda: (life := heartbeat.last(before)) and not life.refused)
    told = [each["fault"] for each in logged(stream) if "is not taken" in each["event"]]
    assert len(told) == len(faults)
    assert all(any(fault in sentence for sentence in told) for fault in faults)


async def test_a_schedule_that_changes_counts_and_one_that_stays_is_not_put_off(home: Path) -> None:
    async with opened(home, '[schedule]\nalign = "1h"\n' + PLAIN) as app:
        app.runner = ours = rehearsed(app.runner)
        async with serving(app):
            await until(lambda: set(ours.ran) == set(JOBS))
            rewrite(app, OFTEN + PLAIN.replace("[mews]", '[mews]\nvisibility = "61s"', 1))
            tell(signal.SIGHUP)
            await until(lambda: app.settings.schedule.deliver.total_seconds() == 1)  # type: ignore[union-attr]
            app.runner = later = rehearsed(app.runner)
            await until(lambda: len(later.ran) >= 2)
        assert set(later.ran) == {"deliver"}


async def test_the_service_manager_hears_of_start_reload_and_end_and_of_life_meanwhile(
    home: Path, manager: socket.socket
) -> None:
    async with opened(home) as app:
        app.runner = rehearsed(app.runner)
        async with serving(app) as task:
            await until(lambda: heartbeat.last(app.settings))
            tell(signal.SIGHUP)
            await until(lambda: (life := heartbeat.last(app.settings)) and life.configured > life.started)
            lines = [manager.recv(4096).decode() for _ in range(4)]
            tell(signal.SIGTERM)
            await asyncio.wait_for(task, 10)
    assert any(each.startswith("WATCHDOG=1\n") for each in lines)
    assert heard(manager)[-1] == "STOPPING"


async def test_a_job_that_does_not_end_is_cut_off_when_the_daemon_stops_and_that_is_no_defect(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DRAIN", timedelta(milliseconds=20))
    stream, begun = io.StringIO(), asyncio.Event()

    async def endless(report: JobReport) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with opened(home) as app:
        configure("json", "INFO", stream)
        app.runner = rehearsed(app.runner, deliver=endless)
        async with serving(app) as task:
            await begun.wait()
            tell(signal.SIGTERM)
            await asyncio.wait_for(task, 10)
        async with app.database.read() as connection:
            assert (await runs.latest(connection))["deliver"].last.outcome == "interrupted"
    assert [each["level"] for each in logged(stream) if each["level"] in ("error", "critical")] == []
    assert "Traceback" not in stream.getvalue()


async def test_a_broken_service_manager_and_a_place_that_takes_no_sign_of_life_stop_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(home / "nobody"))
    async with opened(home) as app:
        heartbeat.place(app.settings).with_name("connector.db.heartbeat.new").mkdir()
        app.runner = ours = rehearsed(app.runner)
        async with serving(app) as task:
            await until(lambda: set(ours.ran) == set(JOBS))
            tell(signal.SIGTERM)
            await asyncio.wait_for(task, 10)
        with pytest.raises(Unfinished):
            heartbeat.check(load(app.settings.file, SECRETS))
