"""Who runs a job now: one at a time in this process by a set, among processes by a lease row; and the note of its run.

The note costs no transaction of its own: it begins with the lease and ends with it. A job whose lease was taken over,
because its process stood still, is ended by its next write or request (``ports.turns``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from connector.jobs.chain import Chain
from connector.jobs.report import JobReport
from connector.ports.turns import Turn, within
from connector.store import leases, retired, runs
from connector.store.faults import FAILURES
from connector.store.runs import INTERRUPTED, Run
from connector.telemetry.redact import scrub

LEASE = timedelta(minutes=2)
_LONGEST = 2000  # characters of a run's error


@dataclass(slots=True)
class Turns:
    """The turns of one process. ``busy`` are the jobs that it runs now, shared with whoever works by other settings.

    ``lease`` is how long nobody takes a job over from a process that gives no sign of life.
    ``retakes``: it is to take back a database that moved, where there are no turns otherwise.
    """

    chain: Chain
    busy: set[str] = field(default_factory=set)
    lease: timedelta = LEASE
    retakes: bool = False
    _users: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def take(self, name: str, report: JobReport | None = None) -> AsyncIterator[bool]:
        """Hold a job's lease and renew it; False: somebody else does it. Notes the run that ``report`` tells of."""
        if name in self.busy:
            yield False
            return
        self._enter(name)
        try:
            if not await self._lease(name, report):
                yield False
                return
            try:
                async with self._renewed(name):
                    with within(Turn(name, self.chain.owner, partial(self._renew, name))):
                        yield True
            finally:
                await self._give_back(name, report)
        finally:
            self._leave(name)

    async def until_idle(self) -> None:
        """Wait until nothing runs by these settings any more."""
        while self._users:
            self._idle.clear()
            await self._idle.wait()

    def _enter(self, name: str) -> None:
        self.busy.add(name)
        self._users += 1

    def _leave(self, name: str) -> None:
        self.busy.discard(name)
        self._users -= 1
        self._idle.set()

    async def _lease(self, name: str, report: JobReport | None) -> bool:
        now = self.chain.clock.now()
        async with self.chain.database.write(fenced=False) as connection:
            taken = await leases.take(connection, name, self.chain.owner, now, now + self.lease)
            if taken and not self.retakes:  # whoever marks a database as moved holds all leases while it does
                await retired.refuse(self.chain.database, connection)
            if taken and report:
                await runs.begin(connection, name, report.run, self.chain.owner, now)
        return taken

    async def _give_back(self, name: str, report: JobReport | None) -> None:
        async with self.chain.database.write(fenced=False) as connection:
            await leases.give_back(connection, name, self.chain.owner)  # first: who takes it over locks it first, too
            if report:
                await runs.end(connection, self._run(report))

    def _run(self, report: JobReport) -> Run:
        now = self.chain.clock.now()
        return Run(
            job=report.name,
            run=report.run,
            instance=self.chain.owner,
            started_at=now,
            ended_at=now,
            outcome=str(report.outcome) if report.ended else INTERRUPTED,
            read=report.read,
            written=report.written,
            requests=report.requests,
            seconds=report.seconds,
            error=scrub(report.error)[:_LONGEST],
            unauthorized=report.unauthorized,
        )

    @asynccontextmanager
    async def _renewed(self, name: str) -> AsyncIterator[None]:
        renewal = asyncio.create_task(self._renew_often(name))
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal

    async def _renew_often(self, name: str) -> None:
        """Renew the lease until it is somebody else's; a database that does not answer is asked again in time."""
        mine = True
        while mine:
            await asyncio.sleep(self.lease.total_seconds() / 4)
            with suppress(*FAILURES):
                mine = await self._renew(name)

    async def _renew(self, name: str) -> bool:
        until = self.chain.clock.now() + self.lease
        async with self.chain.database.write(fenced=False) as connection:
            return await leases.renew(connection, name, self.chain.owner, until)
