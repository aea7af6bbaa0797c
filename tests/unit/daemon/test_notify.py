"""What the service manager hears: read from a socket of the kind that it listens on."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from connector.daemon.notify import ServiceManager


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as opened:
        opened.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        opened.settimeout(5)
        yield opened


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@loyalty-{os.getpid()}-{tmp_path.name}"


def heard(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def test_ready_and_stopping_are_told_at_any_kind_of_address(address: str) -> None:
    manager = ServiceManager.of({"NOTIFY_SOCKET": address})
    with listening(address) as listener:
        manager.ready("waiting")
        assert heard(listener) == ["READY=1", "STATUS=waiting"]
        manager.stopping()
        assert heard(listener) == ["STOPPING=1", "STATUS=finishing what is under way"]


def test_a_reload_is_told_with_its_moment(address: str) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    with listening(address) as listener:
        ServiceManager(address).reloading()
        first, moment, _ = heard(listener)
    assert first == "RELOADING=1"
    name, _, microseconds = moment.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(microseconds) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_the_watchdog_is_fed_where_one_watches(address: str) -> None:
    watched = ServiceManager.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000000"})
    with listening(address) as listener:
        watched.alive("working: align")
        assert heard(listener) == ["WATCHDOG=1", "STATUS=working: align"]
        ServiceManager(address).alive("working: align")
        assert heard(listener) == ["STATUS=working: align"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"WATCHDOG_USEC": "20000000"}, timedelta(seconds=20)),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=20)),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_a_watchdog_that_is_meant_for_another_process_is_none(
    environ: dict[str, str], expected: timedelta | None
) -> None:
    assert ServiceManager.of(environ).watchdog == expected


def test_nothing_is_told_where_no_service_manager_is(tmp_path: Path) -> None:
    ServiceManager.of({}).ready("waiting")
    ServiceManager(str(tmp_path / "nobody listens")).ready("waiting")
