"""A watch over an empty chain, a way to tell people that can fail, and a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from connector.errors import Lost
from connector.jobs.conditions import Bounds
from connector.jobs.watch import Watch
from connector.ports.notices import Notice
from connector.store.engine import Database
from tests.integration.earning.chain import HandClock, chain_for


@dataclass
class Hearer:
    """Hears every notice, unless deaf."""

    name: str = "webhook"
    deaf: bool = False
    heard: list[Notice] = field(default_factory=list)

    async def tell(self, notice: Notice) -> None:
        """Hear it."""
        if self.deaf:
            raise Lost("alerts: the webhook answered 503; expected 2xx")
        self.heard.append(notice)

    @property
    def events(self) -> list[str]:
        """What was heard of, in order."""
        return [f"{each.event} {each.title}" for each in self.heard]


@pytest.fixture
def clock() -> HandClock:
    """A clock moved by hand."""
    return HandClock()


@pytest.fixture
def hearer() -> Hearer:
    """Who is told."""
    return Hearer()


@pytest.fixture
def watch_of(database: Database, clock: HandClock) -> Callable[..., Watch]:
    """Make the watch of a process; every call is another one."""

    def make(*hearers: Hearer, bounds: Bounds | None = None, **more: object) -> Watch:
        tellers = {each.name: each for each in hearers}
        return Watch(chain_for(database, clock), bounds or Bounds(), tellers, **more)  # type: ignore[arg-type]

    return make
