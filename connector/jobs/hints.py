"""Looking earlier than by the schedule: Mews said that something changed.

A hint wakes the job that reads such things, and that reads its streams as ever: what was hinted at is in them by its
update time, and the cursor moves with it. Asking for the ids would cost a request more and leave the cursor behind.
A job forgets the hints when it begins, so what comes during or just before a reading wakes the next one, and a job
that fails is not woken again and again: the schedule comes anyway.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.hints import Kind
from connector.jobs.chain import Chain
from connector.store import hints

JOBS: Mapping[str, Kind] = {"stays": "reservation", "align": "customer"}
"""The jobs that hints wake, and by what kind of hint."""

SETTLE = timedelta(seconds=3)
"""How old a hint must be: a reading ends at Mews's present, which we know to the second and a little late."""

PAUSE = timedelta(seconds=10)
"""From one early start of a job to the next: a busy chain has something new every second."""


async def forget(chain: Chain, job: str) -> None:
    """Forget the hints of a job that begins: it reads what they are about."""
    kind, until = JOBS[job], chain.clock.now() - SETTLE
    async with chain.database.read() as connection:
        waiting = await hints.count(connection, kind, until)
    if waiting:
        async with chain.database.write() as connection:
            await hints.forget(connection, kind, until)


@dataclass(slots=True)
class Waker:
    """Starts jobs early; ``run`` starts one and returns when it has ended."""

    chain: Chain
    run: Callable[[str], Awaitable[object]]
    _began: dict[str, datetime] = field(default_factory=dict)

    async def look(self, job: str) -> None:
        """Run a job if hints for it have settled, unless they woke it a moment ago."""
        now = self.chain.clock.now()
        if job in self._began and now - self._began[job] < PAUSE:
            return
        async with self.chain.database.read() as connection:
            waiting = await hints.count(connection, JOBS[job], now - SETTLE)
        if waiting:
            self._began[job] = now
            await self.run(job)
