"""What a partner's server sees of its senders, and their deaths, which it causes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox.connections import drop

Bodies = Mapping[bytes, str]


@dataclass(slots=True)
class Witness:
    """A layer round a server. ``bodies`` are the requests that may come, with the member that each is about.

    ``strangers`` counts requests of other bytes, ``overlaps`` those that came while another one of their member was
    under way, ``statuses`` what was answered. ``pids`` are the living senders: after ``countdown`` requests one of
    them is killed, before or after what it asked for is done.
    """

    app: ASGIApp
    is_crediting: Callable[[str], bool]
    bodies: Bodies
    chance: random.Random
    pids: list[int] = field(default_factory=list)
    countdown: int | None = None
    requests: int = 0
    strangers: int = 0
    overlaps: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http" or scope["method"] != "POST" or not self.is_crediting(scope["path"]):
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        self.requests += 1
        member = self.bodies.get(body)
        self.strangers += member is None
        self.overlaps += self.busy[str(member)] > 0
        self.busy[str(member)] += 1
        try:
            await asyncio.sleep(0)  # others may come
            await self._answered(scope, _again(body, receive), send)
        finally:
            self.busy[str(member)] -= 1

    async def idle(self) -> None:
        """Wait until nothing is under way: what a dead sender asked for is done or never will be."""
        while any(self.busy.values()):  # noqa: ASYNC110  # for milliseconds, and not on our own account
            await asyncio.sleep(0)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        if not self._is_last():
            await self.app(scope, receive, counted)
            return
        if self.chance.random() < 0.5:
            await self.app(scope, receive, _nowhere)
        self._kill()
        await drop(scope, receive)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # it may have ended by itself this very moment
            os.kill(self.chance.choice(self.pids), signal.SIGKILL)

    def _is_last(self) -> bool:
        if self.countdown is None or not self.pids:
            return False
        self.countdown -= 1
        if self.countdown > 0:
            return False
        self.countdown = None
        return True


async def _read(receive: Receive) -> bytes | None:
    """Return a request's body; None when its sender died before all of it was here."""
    content, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        content += message.get("body", b"")
        more = message.get("more_body", False)
    return content


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a request's messages for somebody who has not read its body yet."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _nowhere(message: Message) -> None:
    """An answer that nobody gets."""
