"""A sliding-window rate limit that survives restarts and is shared by processes.

The other side counts a request when it arrives, which is some time between our grant and our receipt of the
answer. A grant therefore counts for the window plus a margin after its stamp in the durable log, and for the
same time after its answer, whichever is later: in this process always, and in the log, which others read, once a
request has been under way for longer than the margin allows.

The first requests of a window may go at once, so that a short job does not wait; the others are spread over it.
Otherwise each window would be used up in its first seconds, and a span that ends just before the next one begins
would hold a window less than it could.

The log counts by the machine's clock, because several processes read it. That clock may be set, forward or back, and
then says nothing about how long ago something was sent: so a limiter that is told a steady time as well notices it,
and waits for a whole window.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from connector.http.turn import Limiter, Unlimited
from connector.ports import Clock, SendLog
from connector.telemetry.steadiness import Steadiness

__all__ = ["Limiter", "SlidingWindow", "Unlimited"]

_HALF_SECOND, _SECOND, _INSTANT = timedelta(seconds=0.5), timedelta(seconds=1), timedelta(milliseconds=1)
_NO_LIMIT = 2**31 - 1
_LARGEST_SHARE = 0.05  # of the window that margin and block may each cost, so that short windows stay usable
_DAY = timedelta(days=1)  # no other side is believed to ask for a longer pause
_AT_ONCE = 0.25  # of a window's requests: those after them go at an even pace


class SlidingWindow:
    """Never more than ``requests`` in any ``window``, first come first served.

    ``margin`` is how much longer than the window a request counts: it covers the time that a request needs
    to arrive (unless given: one second, at most 5 % of the window). ``steady`` are seconds that nobody sets
    (None: the clock is never set, as in a test that moves it). Sends are reserved in the log in
    growing blocks, each usable until its stamp and not larger than what is used by then at an even pace; what
    is not used is lost until its window has passed, as after a crash.
    """

    def __init__(
        self,
        key: str,
        requests: int,
        window: timedelta,
        log: SendLog,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        *,
        margin: timedelta | None = None,
        steady: Callable[[], float] | None = None,
    ) -> None:
        self._key = key
        self._requests = requests
        self._margin = min(_SECOND, window * _LARGEST_SHARE) if margin is None else margin
        self._span = window + self._margin
        self._hold = min(_HALF_SECOND, window * _LARGEST_SHARE)
        self._pace = self._span / requests
        self._largest_block = max(1, self._hold // self._pace)
        self._log = log
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._block = 1
        self._reserved = 0
        self._usable_until: datetime | None = None
        self._closed_until: datetime | None = None
        self._flying = 0
        self._landed: deque[datetime] = deque()
        self._latest: datetime | None = None
        self._strangers = 0  # sends that the log counted beyond our own when it was last asked
        self._strangers_until: datetime | None = None
        self._steadiness = Steadiness(clock, steady, self._margin) if steady else None
        self._known = False

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a turn; the request counts from the end of the block, or from its answer when that took long."""
        stamp = await self._wait()
        try:
            yield
        finally:
            self._land()
            await self._tell_others(stamp)

    async def acquire(self) -> None:
        """Wait for a turn; the request counts from now."""
        await self._wait()
        self._land()

    async def penalise(self, seconds: float) -> None:
        """Let nobody send for that long, other processes and the next start of this one included.

        The log is filled with stamps that all leave the window when the penalty ends.
        """
        end = self._clock.now() + timedelta(seconds=seconds)
        self._closed_until = max(end, self._closed_until or end)
        await self._log.reserve(
            self._key, end - self._span, wanted=self._requests, limit=_NO_LIMIT, since=self._horizon()
        )

    @property
    def limit(self) -> int:
        """Return how many requests a window may hold."""
        return self._requests

    @property
    def room(self) -> int:
        """Return at most how many requests could be sent now, by what this process did and the log last told."""
        if self._penalty():
            return 0
        fresh = self._strangers_until is not None and self._clock.now() < self._strangers_until
        return max(0, self._free() - (self._strangers if fresh else 0))

    async def available(self) -> int:
        """Return how many requests could be sent now; costs one query of the log."""
        if self._penalty():
            return 0
        counted = len(await self._log.recent(self._key, self._horizon()))
        self._strangers = max(0, counted - self._usable() - (self._requests - self._free()))
        self._strangers_until = self._clock.now() + self._span
        return self.room

    async def _wait(self) -> datetime:
        """Wait for a turn; return its stamp in the log."""
        async with self._turn:
            while (wait := await self._obstacle()) or self._was_set():
                await self._sleep(max(wait or _INSTANT, _INSTANT).total_seconds())
            self._reserved -= 1
            self._flying += 1
            self._latest = self._clock.now()
            return self._usable_until or self._latest

    async def _tell_others(self, stamp: datetime) -> None:
        """Have other processes count a request from its answer, too, where it may have arrived after the margin."""
        latest = self._clock.now() - self._margin
        if latest > stamp:
            await self._log.move(self._key, stamp, latest)

    def _was_set(self) -> bool:
        """Tell whether the clock was set while the obstacles were looked at."""
        return self._steadiness is not None and bool(self._steadiness.found())

    def _land(self) -> None:
        self._flying -= 1
        self._landed.append(self._clock.now())

    async def _obstacle(self) -> timedelta | None:
        """Return how long certainly nothing can be sent, or None when a reserved send is at hand."""
        await self._notice_clock()
        if penalty := self._penalty():
            return penalty
        if self._free() <= 0:
            return self._until_landing_expires()
        if pause := self._pause():
            return pause
        if self._usable() or await self._reserve():
            return None
        return await self._until_stamp_expires()

    async def _notice_clock(self) -> None:
        """Wait for a whole window when the clock was set, or when the log was written by one that was far ahead."""
        step = self._steadiness.step() if self._steadiness else timedelta(0)
        if not step and self._known:
            return
        now, self._known = self._clock.now(), True
        if step:
            self._landed.clear()  # all of it is over when the pause is
            self._closed_until = self._closed_until and self._closed_until + step
            self._usable_until = self._latest = self._strangers_until = None
            self._reserved = 0
        forgotten = await self._log.forget_after(self._key, now + (self._hold if step else _DAY))
        if step or forgotten:
            left = self._closed_until - now if self._closed_until else self._span
            await self.penalise(max(left, self._span).total_seconds())

    def _penalty(self) -> timedelta | None:
        now = self._clock.now()
        return self._closed_until - now if self._closed_until and self._closed_until > now else None

    def _free(self) -> int:
        """Return how many requests this process may begin, by what it knows of its own."""
        horizon = self._horizon()
        while self._landed and self._landed[0] <= horizon:
            self._landed.popleft()
        return self._requests - self._flying - len(self._landed)

    def _pause(self) -> timedelta | None:
        """Return how long to wait so that the requests of a busy window are spread over it."""
        if self._latest is None or self._requests - self._free() < self._requests * _AT_ONCE:
            return None
        next_one = self._latest + self._pace
        return next_one - self._clock.now() if next_one > self._clock.now() else None

    def _until_landing_expires(self) -> timedelta:
        landed = self._landed[0] if self._landed else self._clock.now()  # a flying one cannot land earlier
        return landed - self._horizon()

    def _usable(self) -> int:
        """Return how many reserved sends are at hand and not too old."""
        if self._usable_until and self._clock.now() > self._usable_until:
            self._reserved = 0
        return self._reserved

    async def _reserve(self) -> bool:
        now = self._clock.now()
        in_demand = self._usable_until is not None and now <= self._usable_until
        self._block = min(self._block * 2, self._largest_block) if in_demand else 1
        self._usable_until = now + self._hold
        self._reserved = await self._log.reserve(
            self._key, self._usable_until, wanted=self._block, limit=self._requests, since=self._horizon()
        )
        return self._usable() > 0

    async def _until_stamp_expires(self) -> timedelta:
        stamps = await self._log.recent(self._key, self._horizon())
        if len(stamps) < self._requests:
            return _INSTANT
        return stamps[len(stamps) - self._requests] - self._horizon()

    def _horizon(self) -> datetime:
        """Return the moment up to which everything is forgotten."""
        return self._clock.now() - self._span
