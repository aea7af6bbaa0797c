"""The request limit of Mews, a true sliding window, while there is more to write than it lets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from connector.mews.batches import BatchSize
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.tokens import ACCESS_TOKENS
from connector.store.engine import Database
from tests.integration.alignment.hotel import ADD, SET_UP, UPDATE, Hotel, guest, member, opened

LIMIT = Limit(20, 30.0)
NAMES = [f"n{number}" for number in range(500)]
ROW = 5 * LIMIT.seconds


class OfFive(BatchSize):
    """Five items a write, so that five hundred members want two hundred writes."""

    def taken(self) -> None:
        """Never grow."""


@dataclass
class Distance:
    """The way to Mews: a request arrives some time after it was sent, and its answer some time after that.

    ``kill``: the task that ends, as a process does, when Mews has taken the ``last`` add and not yet answered.
    """

    app: Any
    hotel: Hotel
    random: Random
    last: int = 0
    kill: asyncio.Task[Any] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.hotel.later(self.random.uniform(0, 0.4))
        await self.app(scope, receive, send)
        self.hotel.later(self.random.uniform(0, 0.4))
        if self.kill and self.hotel.calls.count().get(ADD) == self.last:
            self.kill.cancel()


@pytest.fixture
async def busy(tmp_path: Path, database: Database) -> AsyncIterator[Hotel]:
    """A hotel at a distance, with one token, whose guests are all members, and none is enrolled yet."""
    one = {"wien": ACCESS_TOKENS["wien"]}
    async with opened(tmp_path, database, *SET_UP, *map(guest, NAMES), limit=LIMIT, tokens=one) as hotel:
        hotel.members(*map(member, NAMES))
        hotel.calls.app = Distance(hotel.calls.app, hotel, Random(1))
        hotel.chain.batch = OfFive(5)
        yield hotel


async def arrivals(hotel: Hotel) -> list[dict[str, Any]]:
    """What the server saw of the token that does the work."""
    async with httpx.AsyncClient() as client:
        seen = (await client.get(f"{hotel.url}/_sandbox/arrivals")).json()
    return [each for each in seen if each["token"] == hotel.tokens["wien"]]


def least_share(seen: Sequence[dict[str, Any]]) -> float:
    """Return what five windows in a row hold of what they may, wherever they begin between first and last write."""
    writes = [each["at"] for each in seen if each["operation"] in {ADD, UPDATE}]
    starts = range(int(writes[0]), int(writes[-1] - ROW))
    held = [sum(start <= each["at"] < start + ROW for each in seen) for start in starts]
    assert len(held) > ROW
    return min(held) / (5 * LIMIT.requests)


async def test_work_that_waits_uses_the_limit_and_is_never_refused(busy: Hotel) -> None:
    await busy.align()
    seen = await arrivals(busy)
    assert all(each["admitted"] for each in seen)
    assert busy.calls.writes() == {ADD: 100, UPDATE: 100}
    assert least_share(seen) >= 0.9


async def test_a_restart_keeps_to_the_limit_and_uses_it(busy: Hotel) -> None:
    busy.calls.app.last, busy.calls.app.kill = 50, asyncio.create_task(busy.align())
    with pytest.raises(asyncio.CancelledError):
        await busy.calls.app.kill
    assert busy.calls.writes() == {ADD: 50}
    await busy.start()
    busy.chain.batch = OfFive(5)
    busy.calls.app.kill = None
    await busy.align()
    seen = await arrivals(busy)
    assert all(each["admitted"] for each in seen)
    assert {name: len(each) for name, each in busy.held().items()} == dict.fromkeys(NAMES, 1)
    assert busy.calls.writes() == {ADD: 50, UPDATE: 100}
    assert least_share(seen) >= 0.85
