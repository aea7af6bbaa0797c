"""Stores in memory and a clock that tests move, for the HTTP kit's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.ports import BreakerState

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class HandClock:
    """A clock moved by hand; sleeping moves it too, and is remembered."""

    def __init__(self) -> None:
        self.moment = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


class MemorySendLog:
    """``ports.SendLog`` without a database."""

    def __init__(self) -> None:
        self.stamps: dict[str, list[datetime]] = {}
        self.reservations = 0

    async def recent(self, key: str, since: datetime) -> list[datetime]:
        return sorted(stamp for stamp in self.stamps.get(key, []) if stamp > since)

    async def reserve(self, key: str, stamp: datetime, *, wanted: int, limit: int, since: datetime) -> int:
        self.reservations += 1
        fresh = await self.recent(key, since)
        granted = min(wanted, max(0, limit - len(fresh)))
        self.stamps[key] = fresh + [stamp] * granted
        return granted

    async def move(self, key: str, stamp: datetime, later: datetime) -> None:
        stamps = self.stamps.setdefault(key, [])
        if stamp in stamps:
            stamps.remove(stamp)
        stamps.append(later)

    async def forget_after(self, key: str, moment: datetime) -> int:
        kept = [stamp for stamp in self.stamps.get(key, []) if stamp <= moment]
        late = len(self.stamps.get(key, [])) - len(kept)
        self.stamps[key] = kept
        return late


class MemoryBreakerStore:
    """``ports.BreakerStore`` without a database."""

    def __init__(self) -> None:
        self.states: dict[str, BreakerState] = {}
        self.reads = 0

    async def read(self, key: str) -> BreakerState:
        self.reads += 1
        return self.states.get(key, BreakerState())

    async def swap(self, key: str, old: BreakerState, new: BreakerState) -> bool:
        same = self.states.get(key, BreakerState()) == old
        if same:
            self.states[key] = new
        return same
