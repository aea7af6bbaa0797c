"""What says when the next request may be sent, and the answer where nobody limits anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class Limiter(Protocol):
    """Says when the next request may be sent."""

    def slot(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn and hold it while the request is under way."""
        ...

    async def acquire(self) -> None:
        """Wait for a turn."""
        ...

    async def penalise(self, seconds: float) -> None:
        """Let nobody send for that long: the other side answered 429."""
        ...

    @property
    def limit(self) -> int | None:
        """Return how many requests a window may hold; None without a limit."""
        ...

    @property
    def room(self) -> int | None:
        """Return at most how many requests could be sent now, as far as this process knows; None without a limit."""
        ...

    async def available(self) -> int | None:
        """Return how many requests could be sent now by the durable log too; None when there is no limit."""
        ...


class Unlimited:
    """No rate limit; a penalty is waited for by whoever was refused."""

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Go at once."""
        yield

    async def acquire(self) -> None:
        """Go at once."""

    async def penalise(self, seconds: float) -> None:
        """Nobody else waits."""

    @property
    def limit(self) -> None:
        """Return that there is no limit."""

    @property
    def room(self) -> None:
        """Return that there is no limit."""

    async def available(self) -> None:
        """Return that there is no limit."""
