"""A real server on a port of this machine, which stops as soon as it is no longer needed.

uvicorn looks ten times a second whether it is to stop, and then waits a tenth: by thousands of tests, minutes. So it is
started and stopped here step by step.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from connector.sandbox.child import server_for

_PATIENCE = 2.0  # seconds for what is under way when the server stops


@asynccontextmanager
async def serving(app: Any, *, own_date: bool = False) -> AsyncIterator[str]:
    """Serve an application as the sandbox does; yield the address."""
    async with running(server_for(app, own_date=own_date)) as url:
        yield url


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncIterator[str]:
    """Run a server; yield the address."""
    # by its number, so that asyncio knows it for TCP and answers without delay
    with socket.socket(fileno=socket.create_server(("127.0.0.1", 0)).detach()) as listening:
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup(sockets=[listening])
        await server.on_tick(0)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    for each in server.servers:
        each.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    async with asyncio.timeout(_PATIENCE):
        while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    await server.lifespan.shutdown()
