"""``run``: works by itself, says that it is alive, lets nobody work beside it, and ends when it is asked to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.chains import chain, load
from tests.acceptance.endings import duplicates
from tests.acceptance.road import PARTNERS, ROOT, Done, Road, credits_at, get, say, variables

DRAIN = 10  # seconds from SIGTERM to the end
JOBS = ("align", "stays", "deliver", "reconcile", "sweep")
_UNFINISHED = "SELECT key FROM message WHERE state IN ('held', 'ready', 'in_flight', 'in_doubt')"
_IN_FLIGHT = "SELECT key FROM message WHERE state = 'in_flight' AND partner = 'miles_and_more'"
_DONE = """
SELECT DISTINCT job FROM job_run
WHERE outcome = 'ok' AND id > (SELECT max(id) FROM job_run WHERE outcome = 'interrupted')
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain to copy."""
    return load(tmp_path_factory.mktemp("daemon") / "loaded")


def test_the_daemon_works_alone_takes_another_configuration_and_drains_when_asked_to_stop(
    loaded: Path, tmp_path: Path
) -> None:
    with chain(loaded, tmp_path / "home") as road, _manager(tmp_path) as manager:
        assert road.run("health").code == 4
        with _running(road, NOTIFY_SOCKET=str(tmp_path / "notify")) as daemon:
            assert _heard(manager) == "READY"
            _until(lambda: all(credits_at(road.urls, partner) for partner in PARTNERS), daemon)
            alive, beside = road.run("health"), road.run("sync", "--json")
            plain = road.config.read_text()
            road.config.write_text(f'{plain}\n[schedule]\ndeliver = "14s"\naling = "5m"\n')
            daemon.send_signal(signal.SIGHUP)
            assert [_heard(manager), _heard(manager)] == ["RELOADING", "READY"]
            road.config.write_text(f'{plain}\n[schedule]\ndeliver = "14s"\n')
            refused = json.loads(road.database.with_name("connector.db.heartbeat").read_text())["refused"]
            daemon.send_signal(signal.SIGHUP)
            assert [_heard(manager), _heard(manager)] == ["RELOADING", "READY"]
            taken = road.run("status", "--json").json
            output = _stops(daemon)
            assert _heard(manager) == "STOPPING"
        assert alive.code == 0
        _is_refused(beside)
        assert refused
        assert (taken["daemon"]["alive"], taken["daemon"]["configuration_refused"]) == (True, None)
        assert {each["last"]["outcome"] for each in taken["jobs"].values()} <= {"ok", "running"}
        (fault,) = output.strip().splitlines()
        assert "connector.toml: schedule.aling: is not a known key" in fault
        assert road.run("health").code == 4
        _finishes(road)


def test_a_daemon_that_is_stopped_amid_its_work_leaves_nothing_half_done(loaded: Path, tmp_path: Path) -> None:
    with chain(loaded, tmp_path / "home") as road:
        with _running(road) as daemon:
            _until(lambda: get(f"{road.urls['mews']}/_sandbox/stats"), daemon)
            _stops(daemon)
        _finishes(road)


def test_a_daemon_that_is_killed_amid_its_deliveries_goes_on_when_it_is_started_again(
    loaded: Path, tmp_path: Path
) -> None:
    with chain(loaded, tmp_path / "home", faults=("uplyft:createEvent=delay,seconds=2,after=1",)) as road:
        with _running(road) as daemon:
            _until(lambda: credits_at(road.urls, "miles_and_more") and road.rows(_IN_FLIGHT), daemon)
            daemon.send_signal(signal.SIGHUP)  # nor does a change of the configuration at this moment lose anything
            daemon.kill()
            daemon.wait()
        under_way = road.rows("SELECT run FROM job_run WHERE ended_at IS NULL")
        assert road.rows(_IN_FLIGHT)
        with _running(road) as daemon:
            _until(lambda: not road.rows(_UNFINISHED) and len(road.rows(_DONE)) == len(JOBS), daemon)
            _stops(daemon)
        killed = road.rows("SELECT run FROM job_run WHERE outcome = 'interrupted'")
        assert set(under_way) == set(killed)
        assert under_way
        _finishes(road)


@contextmanager
def _manager(folder: Path) -> Iterator[socket.socket]:
    """The socket of a service manager that does not watch."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(folder / "notify"))
        listening.settimeout(60)
        yield listening


def _heard(manager: socket.socket) -> str:
    """Return the next word that is no mere status."""
    word = "STATUS"
    while word == "STATUS":
        word = manager.recv(4096).decode().partition("=")[0]
    return word


@contextmanager
def _running(road: Road, **more: str) -> Iterator[subprocess.Popen[str]]:
    command, environment = road.command("run"), variables() | more
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


def _until(true: Callable[[], object], daemon: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert daemon.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _stops(daemon: subprocess.Popen[str]) -> str:
    """Ask the daemon to stop; return what it said in its life."""
    asked = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    output, _ = daemon.communicate(timeout=3 * DRAIN)
    seconds = time.monotonic() - asked
    say(f"stopped after {seconds:.1f} s: {output}")
    assert daemon.returncode == 0
    assert seconds < DRAIN
    return output


def _is_refused(done: Done) -> None:
    assert (done.code, done.output) == (3, "")
    assert len(done.errors.strip().splitlines()) == 1
    assert "another run or sync" in done.errors


def _finishes(road: Road) -> None:
    assert road.sync()["awards"].keys() == {"credited"}
    assert duplicates(road) == []
