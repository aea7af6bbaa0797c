"""``run``: works by itself, says that it is alive, lets nobody work beside it, and ends when it is asked to."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.chains import chain, load
from tests.acceptance.endings import duplicates
from tests.acceptance.road import PARTNERS, ROOT, Done, Road, credits_at, get, say, variables

DRAIN = 10  # seconds from SIGTERM to the end


def test_the_daemon_works_alone_and_drains_when_asked_to_stop(tmp_path: Path) -> None:
    with chain(load(tmp_path / "loaded"), tmp_path / "home") as road:
        assert road.run("health").code == 4
        with _running(road) as daemon:
            _until(lambda: all(credits_at(road.urls, partner) for partner in PARTNERS), daemon)
            alive, beside = road.run("health"), road.run("sync", "--json")
            _stops(daemon)
        assert alive.code == 0
        _is_refused(beside)
        assert road.run("health").code == 4
        _finishes(road)


def test_a_daemon_that_is_stopped_amid_its_work_leaves_nothing_half_done(tmp_path: Path) -> None:
    with chain(load(tmp_path / "loaded"), tmp_path / "home") as road:
        with _running(road) as daemon:
            _until(lambda: get(f"{road.urls['mews']}/_sandbox/stats"), daemon)
            _stops(daemon)
        _finishes(road)


@contextmanager
def _running(road: Road) -> Iterator[subprocess.Popen[str]]:
    command = road.command("run")
    with subprocess.Popen(
        command, env=variables(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


def _until(true: Callable[[], object], daemon: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert daemon.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _stops(daemon: subprocess.Popen[str]) -> None:
    asked = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    output, _ = daemon.communicate(timeout=3 * DRAIN)
    seconds = time.monotonic() - asked
    say(f"stopped after {seconds:.1f} s: {output}")
    assert daemon.returncode == 0
    assert seconds < DRAIN


def _is_refused(done: Done) -> None:
    assert (done.code, done.output) == (3, "")
    assert len(done.errors.strip().splitlines()) == 1
    assert "another run or sync" in done.errors


def _finishes(road: Road) -> None:
    assert road.sync()["awards"].keys() == {"credited"}
    assert duplicates(road) == []
