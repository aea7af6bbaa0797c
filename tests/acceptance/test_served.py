"""``run`` with ``[web]``: the port is had before any job runs, health answers, and SIGTERM ends it in time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.acceptance.road import ROOT
from tests.unit.settings.settings_files import SECRETS

TOKEN = "admin-token-of-a-test-0123456789"
DRAIN = 10  # seconds from SIGTERM to the end
SETTINGS = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "http://127.0.0.1:9"
[mews.properties.wien]
[web]
listen = "127.0.0.1:{port}"
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def home(sqlite_template: Path, tmp_path: Path) -> Path:
    """A directory with a migrated database."""
    shutil.copyfile(sqlite_template, tmp_path / "connector.db")
    return tmp_path


@contextmanager
def running(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon of a chain that has nothing to do."""
    config = home / "connector.toml"
    config.write_text(SETTINGS.format(port=port), encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    environ = inherited | SECRETS | {"LOYALTY_WEB__ADMIN_TOKEN": TOKEN}
    command = [sys.executable, "-m", "connector", "--config", str(config), "run"]
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


def until_alive(address: str, daemon: subprocess.Popen[str]) -> None:
    """Wait until the daemon answers."""
    deadline = time.monotonic() + 120
    while True:
        assert daemon.poll() is None, daemon.communicate()
        assert time.monotonic() < deadline
        try:
            with urlopen(f"{address}/livez", timeout=5) as answer:
                assert json.load(answer) == {"status": "ok"}
                return
        except URLError:
            time.sleep(0.05)


def asked(address: str, **headers: str) -> str:
    """Return a page."""
    with urlopen(Request(address, headers=headers), timeout=10) as answer:
        return str(answer.read().decode())


def test_the_daemon_answers_and_ends_in_time_although_somebody_is_connected(home: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(home, port) as daemon:
        until_alive(address, daemon)
        assert json.loads(asked(f"{address}/readyz")) == {"status": "ok"}
        assert "# HELP" in asked(f"{address}/metrics")
        assert "Alpenglow Hotels" in asked(address, Authorization=f"Bearer {TOKEN}")
        with closing(socket.create_connection(("127.0.0.1", port))) as waiting:
            waiting.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            asked_to_stop = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            output, _ = daemon.communicate(timeout=3 * DRAIN)
            seconds = time.monotonic() - asked_to_stop

    assert daemon.returncode == 0, output
    assert seconds < DRAIN
    assert '"event": "listening"' in output
    assert "/readyz" not in output  # no request is logged: a secret may be in its path
    assert "Traceback" not in output


def test_a_port_that_is_taken_ends_the_daemon_before_any_job(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with running(home, port) as daemon:
            output, _ = daemon.communicate(timeout=120)

    assert daemon.returncode == 3
    assert output == (
        f"web.listen: 127.0.0.1:{port} is taken by another process; expected a free port, or another address\n"
    )
