"""The process of one server: ``python -m connector.sandbox.child SERVER SOCKET``, started by ``processes``.

Standard input brings the options in its first line; when it ends, the parent is gone and the server stops.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from connector.sandbox.connections import BreakableProtocol
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan
from connector.sandbox.options import SandboxOptions

OperationOf = Callable[[str], str]


class Server(uvicorn.Server):
    """Uvicorn that leaves signals to us: its own handling would end the process by the signal again."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Capture none."""
        return nullcontext()


def main(server: str, descriptor: int) -> None:
    """Serve until SIGTERM or until standard input ends; a fault of the data is one line and exit code 1."""
    options = SandboxOptions.loaded(sys.stdin.readline())
    try:
        made = made_for(server, options)
    except (OSError, ValueError) as fault:
        sys.exit(str(fault))
    asyncio.run(_serve(made, socket.socket(fileno=descriptor)))


def made_for(server: str, options: SandboxOptions) -> Server:
    """One of the servers with its state and its faults, ready to serve."""
    app, operation_of = _APPS[server](options)
    layer = FaultLayer(app, operation_of, FaultPlan(options.faults_of(server), seed=options.seed))
    return server_for(layer, own_date=server == "mews")


def server_for(app: ASGIApp, *, own_date: bool = False) -> Server:
    """A quiet server whose connections can be broken; ``own_date`` when the application dates its answers."""
    config = uvicorn.Config(
        app,
        http=BreakableProtocol,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=not own_date,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


async def _serve(server: Server, listening: socket.socket) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.handle_exit, signal.SIGTERM, None)
    threading.Thread(target=_orphaned, daemon=True).start()
    await server.serve([listening])


def _orphaned() -> None:
    # Not sys.stdin: a thread that waits within its buffer would hold its lock at the interpreter's end.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _mews(options: SandboxOptions) -> tuple[ASGIApp, OperationOf]:
    from connector.sandbox.mews.app import create_app, operation_of
    from connector.sandbox.mews.loading import beside, chunks

    app = create_app(options.state / "mews.db", limit=options.sliding_limit)
    state = app.state.simulator.state
    if not state.every("Enterprises"):
        with beside(chunks(_chain(options), state.now())) as arriving:
            state.load_chunks(arriving)
    return app, operation_of


def _chain(options: SandboxOptions) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of the chain; the members' file comes first, so that loaded records mean a whole start."""
    from connector.sandbox.bookings import EXTRACT, generate, load, write_members

    bookings = load(options.bookings or EXTRACT, since=options.since, until=options.until)
    today, seed, guests = datetime.now(UTC).date(), options.seed, options.guests_extra
    path, strangers = options.state / "members.csv", options.members_extra
    write_members(path, bookings, today=today, seed=seed, guests_extra=guests, extra=strangers)
    return generate(bookings, today=today, seed=seed, guests_extra=guests)


def _uplyft(options: SandboxOptions) -> tuple[ASGIApp, OperationOf]:
    from connector.sandbox.uplyft.application import create_app, operation_of
    from connector.sandbox.uplyft.events import Duplicate
    from connector.sandbox.uplyft.schema import Form

    form, duplicate = Form(options.uplyft_form), Duplicate(options.uplyft_duplicate)
    known = options.uplyft_unique_id
    return create_app(options.state / "uplyft.db", form=form, unique_id=known, duplicate=duplicate), operation_of


def _airmiles(options: SandboxOptions) -> tuple[ASGIApp, OperationOf]:
    from connector.sandbox.airmiles.application import create_app, operation_of

    app = create_app(
        options.state / "airmiles.db",
        accept=options.airmiles_accept,
        processing=options.airmiles_processing,
        token_lifetime=options.token_lifetime,
    )
    return app, operation_of


def _qiibee(options: SandboxOptions) -> tuple[ASGIApp, OperationOf]:
    from connector.sandbox.qiibee.application import create_app, operation_of
    from connector.sandbox.qiibee.loading import from_file

    app = create_app(options.state / "qiibee.db", reading=options.qiibee_reading, trade=options.qiibee_trade)
    users = app.state.users
    if options.qiibee_users and not users.count():
        users.load(from_file(options.qiibee_users))
    return app, operation_of


def _lufthansa(options: SandboxOptions) -> tuple[ASGIApp, OperationOf]:
    from connector.sandbox.lufthansa.application import create_app, operation_of

    app = create_app(
        options.state / "lufthansa.db",
        accept=options.lufthansa_accept,
        uncredit=options.lufthansa_uncredit,
        answers=options.lufthansa_answers,
        token_lifetime=options.token_lifetime,
    )
    return app, operation_of


_APPS = {"mews": _mews, "uplyft": _uplyft, "airmiles": _airmiles, "qiibee": _qiibee, "lufthansa": _lufthansa}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
