"""Several instances of the connector on one PostgreSQL database, each as if on a machine of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.road import ROOT, Road, variables

LEASE = 3.0  # seconds, so that a campaign needs no minutes for each death
_STOP = 15.0  # seconds
_TROUBLE = ("Traceback", "unexpected")


@dataclass(frozen=True)
class SharedRoad(Road):
    """A road whose database is on a PostgreSQL server; ``address`` is its URL."""

    address: str = ""

    @classmethod
    def on(cls, address: str, road: Road) -> SharedRoad:
        """Take a road to another database: one line of its configuration is another."""
        text = road.config.read_text()
        line = next(line for line in text.splitlines() if line.startswith('url = "sqlite:'))
        road.config.write_text(text.replace(line, f'url = "{address}"'))
        return cls(road.config, road.urls, address)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database that the instances share."""
        with psycopg.connect(self.address.replace("+psycopg", "")) as connection:
            return connection.execute(sql.encode()).fetchall()


@contextmanager
def hash_key(home: Path) -> Iterator[None]:
    """Let every command find the key that instances share, as a service manager's credential."""
    folder, before = home / "credentials", os.environ.get("CREDENTIALS_DIRECTORY")
    folder.mkdir()
    (folder / "privacy__hash_key").write_text("a key that all instances of the campaign share")
    os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
    try:
        yield
    finally:
        del os.environ["CREDENTIALS_DIRECTORY"]
        if before is not None:
            os.environ["CREDENTIALS_DIRECTORY"] = before


@dataclass
class Instance:
    """One process, and what it said."""

    pid: int
    machine: str
    said: Path

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to exactly this process."""
        os.kill(self.pid, number)

    @property
    def lives(self) -> bool:
        """Tell whether it still is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def troubles(self) -> list[str]:
        """The lines in which it told of a defect."""
        return [line for line in self.said.read_text().splitlines() if any(each in line for each in _TROUBLE)]


@dataclass
class Fleet:
    """The instances, started in forks of one process; ``home`` holds what they say."""

    home: Path
    instances: list[Instance] = field(default_factory=list)
    _forks: subprocess.Popen[str] | None = None

    def start(self, what: str, machine: str, config: Path, **more: Any) -> Instance:
        """Start one more."""
        assert self._forks is not None
        assert self._forks.stdin
        assert self._forks.stdout
        folder = self.home / machine
        folder.mkdir(parents=True, exist_ok=True)
        job = {"what": what, "machine": machine, "config": str(config), "out": str(folder / "said"), **more}
        self._forks.stdin.write(json.dumps(job) + "\n")
        self._forks.stdin.flush()
        instance = Instance(int(self._forks.stdout.readline()), machine, folder / "said")
        self.instances.append(instance)
        return instance

    def daemon(self, number: int, config: Path) -> Instance:
        """Start a daemon (again) on one of the machines."""
        return self.start("run", f"machine-{number}", config, lease=LEASE)

    def stop(self) -> None:
        """Ask all to end, and wait until they have."""
        living = [each for each in self.instances if each.lives]
        for each in living:
            each.tell(signal.SIGCONT)
            each.tell(signal.SIGTERM)
        until(lambda: not any(each.lives for each in living), _STOP)

    @property
    def troubles(self) -> list[str]:
        """What any of them told of a defect."""
        return [line for each in {each.said: each for each in self.instances}.values() for line in each.troubles]


@contextmanager
def fleet(home: Path) -> Iterator[Fleet]:
    """Give a fleet without instances; whatever it started is gone at the end."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.campaigns.daemons"]
    environment = variables()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment) as forks:
        found = Fleet(home, _forks=forks)
        try:
            yield found
        finally:
            for each in found.instances:
                if each.lives:
                    each.tell(signal.SIGKILL)
            forks.communicate()


def until(true: Callable[[], object], seconds: float) -> bool:
    """Wait until something holds; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def shares(road: Road) -> dict[str, int]:
    """Return how many runs ended well, by instance."""
    found: Sequence[tuple[Any, ...]] = road.rows(
        "SELECT split_part(instance, ':', 1), count(*) FROM job_run WHERE outcome IN ('ok', 'partial') GROUP BY 1"
    )
    return {str(machine): int(count) for machine, count in found}
