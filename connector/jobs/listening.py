"""Listening to Mews: one process of all that share the database holds the WebSockets, and stores what it hears.

What was missed while nobody listened is not asked for: a connection begins with the hint that anything may have
changed. So no end of a connection loses more than the time until the next one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog

from connector.domain.hints import Hint
from connector.errors import Retryable, Unauthorized
from connector.jobs.chain import Chain
from connector.store import hints, leases

T = TypeVar("T")

LEASE_NAME = "mews websocket"
LEASE = timedelta(minutes=2)
_LOOK = 30.0  # seconds between looks whether the lease is free
_SOONEST, _LATEST = 1.0, 60.0  # seconds until the next attempt to connect
_LASTING = timedelta(minutes=1)  # a connection that held so long ends a series of failures
_ENDING = 1.5  # seconds
_log = structlog.get_logger(__name__)


class Heard(Protocol):
    """Something to listen to; see ``mews.events.Socket``."""

    def hints(self) -> AsyncGenerator[list[Hint], None]:
        """Connect once and yield what is heard; ends by Unauthorized or Retryable."""
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """Listens with each token; ``sockets`` are by settings table."""

    chain: Chain
    sockets: Mapping[str, Heard]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def run(self) -> None:
        """Listen until cancelled; a defect ends no more than the present turn."""
        while self.sockets:
            turn = asyncio.ensure_future(self._turn())
            try:
                await asyncio.wait([turn])
            finally:
                turn.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([turn])
            if not turn.cancelled() and (error := turn.exception()):
                _log.error("listening to Mews failed unexpectedly", exc_info=error)
            await self.sleep(_LOOK)

    async def _turn(self) -> None:
        """Listen while the lease is ours, if it is free."""
        if not await _whole(self._take()):
            return
        try:
            listening = [asyncio.ensure_future(self._listen(*each)) for each in self.sockets.items()]
            keeping = asyncio.ensure_future(self._keep())
            try:
                await asyncio.wait([keeping, *listening], return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for task in (keeping, *listening):
                    task.cancel()
                ends = await asyncio.gather(keeping, *listening, return_exceptions=True)
            for end in ends:
                if isinstance(end, Exception) and not isinstance(end, _LeaseLostError):
                    raise end
        finally:
            await _whole(self._give_back())

    async def _take(self) -> bool:
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            return await leases.take(connection, LEASE_NAME, self.chain.owner, now, now + LEASE)

    async def _keep(self) -> None:
        """Renew the lease as long as it is ours."""
        while True:
            await self.sleep(LEASE.total_seconds() / 4)
            if not await _whole(self._renew()):
                raise _LeaseLostError

    async def _renew(self) -> bool:
        until = self.chain.clock.now() + LEASE
        async with self.chain.database.write() as connection:
            return await leases.renew(connection, LEASE_NAME, self.chain.owner, until)

    async def _give_back(self) -> None:
        async with self.chain.database.write() as connection:
            await leases.give_back(connection, LEASE_NAME, self.chain.owner)

    async def _listen(self, table: str, socket: Heard) -> None:
        """Connect again and again, unless Mews does not accept the token: nothing but another one helps then."""
        failures = 0
        while True:
            began = self.chain.clock.now()
            try:
                async with aclosing(socket.hints()) as heard:
                    await self._hear(table, heard, failures)
            except Unauthorized as refused:
                _log.error("Mews is not listened to", property=table, error=str(refused))
                return
            except Retryable as lost:
                if self.chain.clock.now() - began > _LASTING:
                    failures = 0
                if not failures:
                    _log.warning("Mews is not listened to for the moment", property=table, error=str(lost))
            failures += 1
            await self.sleep(_wait(failures))

    async def _hear(self, table: str, heard: AsyncGenerator[list[Hint], None], failures: int) -> None:
        async for found in heard:
            if failures:
                _log.info("Mews is listened to again", property=table)
                failures = 0
            await _whole(self._store(found))

    async def _store(self, found: list[Hint]) -> None:
        async with self.chain.database.write() as connection:
            await hints.save(connection, found, self.chain.clock.now())


@dataclass(slots=True)
class Listening:
    """A listener at its work; another one takes its place after it has ended."""

    _task: asyncio.Task[None] | None = None

    def begin(self, listener: Listener) -> None:
        """Listen from now on."""
        self._task = asyncio.create_task(listener.run())

    async def end(self) -> None:
        """Stop listening; a database that does not answer keeps nobody waiting."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=_ENDING)


class _LeaseLostError(Exception):
    """Another process took the lease over: it listens now."""


async def _whole(work: Coroutine[Any, Any, T]) -> T:
    """Do work to its end, and only then be cancelled: a connection that is left amid a write is lost."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _wait(failures: int) -> float:
    """Return the seconds until the next attempt: doubled each time, and not those of other processes."""
    wait = min(_LATEST, _SOONEST * 2.0 ** min(failures - 1, 10))
    return wait * random.SystemRandom().uniform(0.5, 1.0)
