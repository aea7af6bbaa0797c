"""How a process ends in the middle of a pass: right before or right after a commit, a request to Mews, or a write."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.sandbox.connections import drop
from connector.sandbox.mews.app import PREFIX
from connector.store.engine import Database

Where = Literal["commit", "request", "write"]
Side = Literal["before", "after"]


class Killed(BaseException):
    """The end of the process."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a pass is cut: at its n-th commit, request or writing request, with or without its effect."""

    at: Where
    number: int
    side: Side


@dataclass
class Fate:
    """Counts the commits and requests of a pass, ends it where it is told to, and lets things happen meanwhile."""

    end: End | None = None
    meanwhile: tuple[int, Callable[[], None]] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    task: asyncio.Task[Any] | None = None

    def begin(self, end: End | None, meanwhile: tuple[int, Callable[[], None]] | None) -> None:
        """Begin a pass."""
        self.end, self.meanwhile = end, meanwhile
        self.counts.clear()

    def arrive(self, at: Where) -> None:
        """Count one more commit or request."""
        self.counts[at] += 1
        if at == "request" and self.meanwhile and self.meanwhile[0] == self.counts[at]:
            self.meanwhile[1]()

    def is_now(self, at: Where, side: Side) -> bool:
        """Tell whether the process ends here."""
        return self.end == End(at, self.counts[at], side)

    def cancel(self) -> None:
        """End the task that waits for Mews."""
        assert self.task is not None
        self.task.cancel()


class MortalDatabase(Database):
    """The connector's own database, whose process may end right before or right after a commit."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self.fate = fate

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Do as every database, unless the end is near."""
        async with super().write() as connection:
            yield connection
            self.fate.arrive("commit")
            self._survive("before")
        self._survive("after")

    def _survive(self, side: Side) -> None:
        if self.fate.is_now("commit", side):
            raise Killed


@dataclass
class MortalLine:
    """An ASGI layer: the connector's process may end while it waits for Mews, before or after the effect."""

    app: Any
    fate: Fate

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection event."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        kinds: tuple[Where, ...] = ("request", "write") if _writes(scope["path"]) else ("request",)
        for kind in kinds:
            self.fate.arrive(kind)
        if any(self.fate.is_now(kind, "before") for kind in kinds):
            await self._end(scope, receive)
        elif any(self.fate.is_now(kind, "after") for kind in kinds):
            await self.app(scope, receive, _nowhere)
            await self._end(scope, receive)
        else:
            await self.app(scope, receive, send)

    async def _end(self, scope: Any, receive: Any) -> None:
        self.fate.cancel()
        await drop(scope, receive)


def _writes(path: str) -> bool:
    return path.endswith(("/add", "/update", "/delete"))


async def _nowhere(_: Any) -> None:
    """An answer that nobody gets."""
