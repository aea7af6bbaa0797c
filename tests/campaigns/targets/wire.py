"""A remote system that answers whatever it is given, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.remote import Remote

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

T = TypeVar("T")
_loop = asyncio.new_event_loop()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end; one loop serves all, for a new one would cost more than what is run."""
    return _loop.run_until_complete(coroutine)


class Clock:
    """A clock that stands, and sleeps in no time."""

    def now(self) -> datetime:
        return NOW

    async def sleep(self, _seconds: float) -> None:
        return None


class _Wire:
    """What stands in for a client: an answer for each path in the order of their first call, the last for the rest."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.remote = Remote()
        self._answers = answers
        self._paths: list[str] = []

    async def send(self, _method: str, path: str, **_request: object) -> Answer:
        if path not in self._paths:
            self._paths.append(path)
        return self._answers[min(self._paths.index(path), len(self._answers) - 1)]

    async def aclose(self) -> None:
        return None


def client(*contents: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Client:
    """Return a client whose remote system answers so."""
    answers = [Answer(status, headers or {}, content, NOW, source="Partner at partner.test") for content in contents]
    return cast("Client", _Wire(answers))
