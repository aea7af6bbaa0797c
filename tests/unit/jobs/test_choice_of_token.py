"""Which access token does what any of them could do: over virtual time, against the sandbox's true sliding window."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import respx

from connector.domain.matching import Hasher
from connector.http.client import Client
from connector.http.limiter import SlidingWindow, Unlimited
from connector.jobs.chain import Chain
from connector.mews.answers import TokenRefused
from connector.mews.client import Mews
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.limit import SlidingWindow as TrueWindow
from connector.store.engine import Database
from tests.unit.http.memory import MemorySendLog
from tests.unit.http.virtual_time import VirtualClock, run

PLATFORM = "https://api.mews-demo.com"
WINDOW = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
T = TypeVar("T")


class CountedLog(MemorySendLog):
    """A send log that counts its questions."""

    asked = 0

    async def recent(self, key: str, since: datetime) -> list[datetime]:
        self.asked += 1
        return await super().recent(key, since)

    async def reserve(self, key: str, stamp: datetime, *, wanted: int, limit: int, since: datetime) -> int:
        granted = await super().reserve(key, stamp, wanted=wanted, limit=limit, since=since)
        self.asked -= 1  # the list's own look, which is one statement in the database
        return granted


@dataclass
class Platform:
    """Mews as the tokens see it: who asked, how often it said 429, and whom it does not know."""

    requests: int = 40
    unknown: set[str] = field(default_factory=set)
    took: Counter[str] = field(default_factory=Counter)
    too_many: int = 0
    dates: dict[str, datetime] = field(default_factory=dict)
    _window: TrueWindow | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        table = json.loads(request.content)["AccessToken"]
        if table in self.unknown:
            return httpx.Response(401, json={"Message": "Invalid AccessToken."})
        self._window = self._window or TrueWindow(
            Limit(self.requests, WINDOW.total_seconds()), asyncio.get_running_loop().time
        )
        if wait := self._window.admit(table):
            self.too_many += 1
            return httpx.Response(429, headers={"Retry-After": str(wait)}, json={})
        self.took[table] += 1
        date = self.dates.get(table, datetime.now(UTC))
        return httpx.Response(200, json={}, headers={"Date": format_datetime(date, usegmt=True)})


def chain_of(platform: Platform, *tables: str, log: MemorySendLog | None = None) -> Chain:
    """Return a chain with these tokens; without a log they have no limit."""
    clock = VirtualClock()
    tokens = {
        table: Mews(
            Client(PLATFORM, name="Mews"),
            client_token="client",
            access_token=table,
            client_name="Tests 1.0.0",
            table=table,
            limiter=SlidingWindow(table, platform.requests, WINDOW, log, clock) if log else Unlimited(),
            clock=clock,
        )
        for table in tables
    }
    database = Database(f"sqlite:///{Path('unused.db')}", None)
    return Chain(database, clock, "test", tokens, frozenset(), Hasher(b"0" * 32), MINUTE, MINUTE)


def played(platform: Platform, chain: Chain, work: Callable[[], Awaitable[T]]) -> T:
    """Do work in virtual time against the platform."""

    async def main() -> T:
        with respx.mock(base_url=PLATFORM) as network:
            network.post(path__startswith="/api").mock(side_effect=platform.answer)
            try:
                return await work()
            finally:
                for token in chain.tokens.values():
                    await token.aclose()

    return run(main())


async def _ask(token: Mews) -> str:
    await token.read("loyaltyPrograms/getAll", {})
    return token.table


def test_two_tokens_do_twice_as_much_in_a_window_without_a_single_429() -> None:
    platform, log = Platform(), CountedLog()
    chain = chain_of(platform, "wien", "montreal", log=log)

    async def work() -> float:
        for _ in range(2 * 40):
            await chain.through(_ask)
        return asyncio.get_running_loop().time()

    assert played(platform, chain, work) < WINDOW.total_seconds()  # one token alone would need more than one window
    assert platform.took == {"wien": 40, "montreal": 40}
    assert platform.too_many == 0


def test_when_both_windows_are_full_the_next_one_waits_and_is_not_refused() -> None:
    platform = Platform(requests=10)
    chain = chain_of(platform, "wien", "montreal", log=CountedLog())

    async def work() -> float:
        for _ in range(50):
            await chain.through(_ask)
        return asyncio.get_running_loop().time()

    assert WINDOW.total_seconds() * 2 < played(platform, chain, work) < WINDOW.total_seconds() * 2.6
    assert platform.too_many == 0


def test_what_another_process_used_up_is_known_by_the_log() -> None:
    platform, log = Platform(requests=40), CountedLog()
    chain = chain_of(platform, "wien", "montreal", log=log)

    async def work() -> list[str]:
        log.stamps["wien"] = [chain.clock.now()] * 38
        return [await chain.through(_ask) for _ in range(20)]

    assert played(platform, chain, work) == ["montreal"] * 20


@pytest.mark.parametrize("pause", [0.0, 0.1, 2.0], ids=["at full speed", "steadily", "now and then"])
def test_the_choice_costs_about_one_question_to_the_log_for_each_request(pause: float) -> None:
    platform, log = Platform(requests=200), CountedLog()
    chain = chain_of(platform, "wien", "montreal", "graz", log=log)

    async def work() -> None:
        for _ in range(300):
            await chain.through(_ask)
            await asyncio.sleep(pause)

    played(platform, chain, work)
    assert log.asked <= 300


def test_a_single_token_and_tokens_without_a_limit_ask_nothing() -> None:
    platform, log = Platform(), CountedLog()
    single, unlimited = chain_of(platform, "wien", log=log), chain_of(platform, "wien", "montreal")

    async def work(chain: Chain) -> list[str]:
        return [await chain.through(_ask) for _ in range(3)]

    assert played(platform, single, lambda: work(single)) == ["wien"] * 3
    assert log.asked == 0
    assert played(platform, unlimited, lambda: work(unlimited)) == ["wien"] * 3


def test_a_token_that_mews_refuses_is_left_out_and_the_work_is_done_by_the_other() -> None:
    platform = Platform(unknown={"wien"})
    chain = chain_of(platform, "wien", "montreal")

    async def work() -> list[str]:
        return [await chain.through(_ask) for _ in range(2)]

    assert played(platform, chain, work) == ["montreal", "montreal"]
    assert (chain.barred, chain.dead) == ({"wien"}, set())


def test_when_none_is_left_the_last_refusal_says_whose_token_it_was_and_all_are_tried_next_time() -> None:
    platform = Platform(unknown={"wien", "montreal"})
    chain = chain_of(platform, "wien", "montreal")

    async def work() -> str:
        with pytest.raises(TokenRefused, match=r"access_token of \[mews\.properties\.montreal\]") as caught:
            await chain.through(_ask)
        platform.unknown.clear()
        assert await chain.through(_ask) == "wien"
        return caught.value.table

    assert played(platform, chain, work) == "montreal"
    assert chain.barred == set()


def test_the_time_of_mews_is_that_of_the_latest_answer_whoever_heard_it() -> None:
    platform = Platform()
    chain = chain_of(platform, "wien", "montreal", "graz")

    async def work() -> None:
        assert chain.server_now() == chain.clock.now()
        now = chain.clock.now()
        platform.dates = {"wien": now + 2 * MINUTE, "montreal": now + 3 * MINUTE}
        for table in ("montreal", "wien"):
            await _ask(chain.tokens[table])
        assert chain.server_now() == now + 3 * MINUTE

    played(platform, chain, work)
