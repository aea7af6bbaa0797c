"""One Mews client whose network is told what to answer, and whose time is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import respx

from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.mews.client import Mews

PLATFORM = "https://api.mews-demo.com"


@dataclass
class Clock:
    """A clock that goes on only by sleeping."""

    moment: datetime = datetime(2026, 1, 31, 10, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Limiter(Unlimited):
    """No limit, but it remembers the penalties."""

    def __init__(self) -> None:
        self.penalties: list[float] = []

    async def penalise(self, seconds: float) -> None:
        self.penalties.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter() -> Limiter:
    return Limiter()


@pytest.fixture
async def open_mews(clock: Clock, limiter: Limiter) -> AsyncIterator[Callable[..., Mews]]:
    opened: list[Callable[[], Awaitable[None]]] = []

    def opening(chain_id: str | None = None) -> Mews:
        made = Mews(
            Client(PLATFORM, name="Mews"),
            client_token="secret-client",
            access_token="secret-access",
            client_name="Mews Loyalty Connector 1.0.0",
            table="wien",
            limiter=limiter,
            clock=clock,
            chain_id=chain_id,
            sleep=clock.sleep,
        )
        opened.append(made.aclose)
        return made

    yield opening
    for close in opened:
        await close()


@pytest.fixture
def mews(open_mews: Callable[..., Mews]) -> Mews:
    return open_mews()


@pytest.fixture
def network() -> respx.MockRouter:
    with respx.mock(base_url=f"{PLATFORM}/api/connector/v1", assert_all_called=False) as router:
        yield router
