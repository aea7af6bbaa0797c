"""The server in the daemon's own event loop: it listens before any job runs, and ends with the daemon."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import structlog
import uvicorn

from connector.bootstrap import App
from connector.errors import Misconfigured, Refused
from connector.settings.addresses import host_and_port
from connector.web.application import application
from connector.web.console import Console
from connector.web.pulse import Pulse

GRACE = 1  # seconds that requests under way have when the server ends
_CONNECTIONS = 256
_log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to the daemon: its own handling would end the process by the signal again."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Capture none."""
        return nullcontext()


@asynccontextmanager
async def serving(app: App, pulse: Pulse) -> AsyncIterator[None]:
    """Serve at ``web.listen`` while the daemon runs.

    Raises Refused when the port is taken, Misconfigured when it cannot be had at all.
    """
    listening = bound(app.settings.web.listen)
    console = Console(app, pulse)
    server = _Server(_configuration(console))
    task = asyncio.create_task(server.serve([listening]))
    task.add_done_callback(_told)
    _log.info("listening", address=_address(listening))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task])
        await console.planner.aclose()
        listening.close()


def _configuration(console: Console) -> uvicorn.Config:
    return uvicorn.Config(
        application(console),
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,  # the webhooks' secret is part of their path
        proxy_headers=False,  # whom to believe is ours to judge, see proxies
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=GRACE,
    )


def bound(listen: str) -> socket.socket:
    """Return a socket that listens there."""
    host, port = host_and_port(listen)
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.create_server(place[:2], family=family)
    except OSError as error:
        raise _fault(listen, error) from None
    # by its number, so that asyncio knows it for TCP and answers without delay
    return socket.socket(fileno=opened.detach())


def _fault(listen: str, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Refused(f"web.listen: {listen} is taken by another process; expected a free port, or another address")
    return Misconfigured(
        f"web.listen: cannot listen on {listen} ({error.strerror}); expected an address of this machine"
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _told(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("the console ended", reason=type(error).__name__)
