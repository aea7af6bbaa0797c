"""Somebody who listens to the simulated Mews, and what is heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from connector.jobs.chain import Chain
from connector.jobs.hints import Waker
from connector.jobs.listening import Listener
from connector.mews.events import Socket
from connector.sandbox.mews.events import PATH
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.store.engine import Database
from tests.integration.earning.books import Books
from tests.integration.earning.front_desk import FrontDesk


def sockets(desk: FrontDesk, **tokens: str) -> dict[str, Socket]:
    """Return a socket for each hotel; ``tokens`` replace the right ones."""
    address = desk.url.replace("http://", "ws://") + PATH
    return {table: Socket(address, table, CLIENT_TOKEN, token) for table, token in (ACCESS_TOKENS | tokens).items()}


async def soon(_seconds: float) -> None:
    """Wait for hardly anything, in the place of what the product waits."""
    await asyncio.sleep(0.01)


async def never(_seconds: float) -> None:
    """Wait for as long as a test takes."""
    await asyncio.Event().wait()


async def until(true: Callable[[], Any]) -> None:
    """Return once a condition holds; it comes from another task."""
    async with asyncio.timeout(30):
        while not await _value(true):  # noqa: ASYNC110  # databases and sockets tell nobody
            await asyncio.sleep(0.002)


async def _value(true: Callable[[], Any]) -> Any:
    found = true()
    return await found if asyncio.iscoroutine(found) else found


async def wakes(waker: Waker, job: str) -> None:
    """Look for hints, which there are, and return when the job that they start has ended."""
    run = await waker.look(job)
    assert run
    await run


@asynccontextmanager
async def listening(chain: Chain, heard: Any, sleep: Any = soon) -> AsyncIterator[Listener]:
    """Listen meanwhile."""
    listener = Listener(chain, heard, sleep)
    task = asyncio.ensure_future(listener.run())
    try:
        yield listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await task


async def hinted(database: Database) -> list[tuple[str, str, str]]:
    """Return kind, id and place of every hint."""
    return await Books(database).rows("SELECT kind, id, place FROM hint ORDER BY kind, id")  # type: ignore[return-value]


async def forget(database: Database) -> None:
    """Forget all hints."""
    async with database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM hint")
