"""Looking earlier than by the schedule: Mews said that something changed.

A hint wakes the job that reads such things, and that reads its streams as ever: what was hinted at is in them by its
update time, and the cursor moves with it. Asking for the ids would cost a request more and leave the cursor behind.
A job forgets the hints when it begins, so what comes during or just before a reading wakes the next one, and a job
that fails is not woken again and again: the schedule comes anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.hints import Kind
from connector.jobs.chain import Chain
from connector.store import hints

JOBS: Mapping[str, Kind] = {"stays": "reservation", "align": "customer"}
"""The jobs that hints wake, and by what kind of hint."""

LOOK = timedelta(seconds=2)
"""How often the daemon looks for hints, those that another process stored too."""

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
    """Starts jobs early; ``start`` starts one and returns at once what ends with it."""

    chain: Chain
    start: Callable[[str], asyncio.Future[None]]
    _began: dict[str, datetime] = field(default_factory=dict)
    _runs: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    async def look(self, job: str) -> asyncio.Future[None] | None:
        """Start a job if hints for it have settled; return what ends with it.

        Not while it runs because of earlier hints, nor a moment after those woke it.
        """
        now = self.chain.clock.now()
        if job in self._runs and (not self._runs[job].done() or now - self._began[job] < PAUSE):
            return None
        async with self.chain.database.read() as connection:
            waiting = await hints.count(connection, JOBS[job], now - SETTLE)
        if not waiting:
            return None
        self._began[job], self._runs[job] = now, self.start(job)
        return self._runs[job]
