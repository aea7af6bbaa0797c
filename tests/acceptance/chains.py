"""A small chain to rehearse on: loaded once, copied for each test."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connector.sandbox.child import Server, made_for
from connector.sandbox.options import SERVERS, SandboxOptions
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import Road

# nobody's hold ends while a test runs, and what Mews took before a lost answer is looked for at once
QUICK = {"mews": 'visibility = "1s"', "partners.miles_and_more": 'hold = "none"'}


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
    with _served(SandboxOptions(state, limit="off", faults=faults)) as urls:
        yield Road.written(home, urls, state / "members.csv", extra=extra)


@contextmanager
def _served(options: SandboxOptions) -> Iterator[dict[str, str]]:
    """Serve from a thread: a process of each server for each of many short tests would take longer than the tests."""
    listening = {name: socket.create_server(("127.0.0.1", 0)) for name in SERVERS}
    servers: dict[str, Server] = {}

    def serve() -> None:  # a journal belongs to the thread that opened it
        servers.update({name: made_for(name, options) for name in SERVERS})
        asyncio.run(_serve(servers, listening))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield {name: f"http://127.0.0.1:{each.getsockname()[1]}" for name, each in listening.items()}
    finally:
        for server in servers.values():
            server.should_exit = True
        thread.join()
        for each in listening.values():
            each.close()


async def _serve(servers: Mapping[str, Server], listening: Mapping[str, socket.socket]) -> None:
    # by their numbers, so that asyncio knows them for TCP and answers without delay
    own = {name: socket.socket(fileno=each.dup().detach()) for name, each in listening.items()}
    await asyncio.gather(*(server.serve([own[name]]) for name, server in servers.items()))
