"""A small chain to rehearse on: loaded once, copied for each test."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connector.sandbox.child import Server, made_for
from connector.sandbox.options import SERVERS, SandboxOptions
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import Road

# nobody's hold ends while a test runs, and what Mews took before a lost answer is looked for at once
QUICK = {"mews": 'visibility = "1s"', "partners.miles_and_more": 'hold = "none"'}
_PATIENCE = 20.0  # seconds


def load(state: Path) -> Path:
    """Load some weeks of the packaged bookings into a state directory that no server uses afterwards."""
    with Sandbox(state, since=date(2017, 8, 20), until=date(2017, 8, 31), limit="off"):
        return state


@contextmanager
def chain(
    loaded: Path, home: Path, *, faults: tuple[str, ...] = (), extra: Mapping[str, str] = QUICK
) -> Iterator[Road]:
    """Give a copy of the loaded chain, its servers running, and a connector that knows nothing yet."""
    state = home / "sandbox"
    shutil.copytree(loaded, state)
    with served(SandboxOptions(state, limit="off", faults=faults)) as hall:
        yield Road.written(home, hall.urls, state / "members.csv", extra=extra)


@dataclass(frozen=True, slots=True)
class Hall:
    """Servers of one thread, by name."""

    urls: dict[str, str]
    servers: dict[str, Server] = field(default_factory=dict)

    def wait_until_idle(self) -> None:
        """Let them answer what was asked by somebody who may not live any more."""
        deadline = time.monotonic() + _PATIENCE
        while any(each.server_state.connections or each.server_state.tasks for each in self.servers.values()):
            assert time.monotonic() < deadline, "a server still works for a process that is dead"
            time.sleep(0.002)


@contextmanager
def served(options: SandboxOptions, more: Mapping[str, Callable[[], Server]] | None = None) -> Iterator[Hall]:
    """Serve from a thread: a process of each server for each of many short tests would take longer than the tests.

    ``more`` makes servers besides those of the sandbox, by name.
    """
    made = {name: lambda name=name: made_for(name, options) for name in SERVERS} | dict(more or {})
    listening = {name: socket.create_server(("127.0.0.1", 0)) for name in made}
    hall = Hall({name: f"http://127.0.0.1:{each.getsockname()[1]}" for name, each in listening.items()})

    def serve() -> None:  # a journal belongs to the thread that opened it
        hall.servers.update({name: make() for name, make in made.items()})
        asyncio.run(_serve(hall.servers, listening))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield hall
    finally:
        for server in hall.servers.values():
            server.should_exit = True
        thread.join()
        for each in listening.values():
            each.close()


async def _serve(servers: Mapping[str, Server], listening: Mapping[str, socket.socket]) -> None:
    # by their numbers, so that asyncio knows them for TCP and answers without delay
    own = {name: socket.socket(fileno=each.dup().detach()) for name, each in listening.items()}
    await asyncio.gather(*(server.serve([own[name]]) for name, server in servers.items()))
