"""The job ``deliver`` over all partners, side by side: one partner's fault or silence stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from connector.errors import Conflict, Misconfigured, Refused, Unfinished
from connector.http.breaker import Breaker
from connector.jobs import deposits, exchanges, going_live
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.deliver import deliver
from connector.jobs.orphans import orphans
from connector.jobs.report import JobOutcome, JobReport
from connector.store import backup

AGAIN = 5.0  # seconds after which the others are served again while one partner lets us wait


@dataclass(slots=True)
class Dispatch:
    """One pass; ``confirm`` is the id by which ``operator`` lets a partner go live."""

    chain: Chain
    breakers: Mapping[str, Breaker]
    confirm: str | None
    operator: str
    report: JobReport
    faults: dict[str, list[str]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)
    _all: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, partnerships: Sequence[Partnership]) -> None:
        """Take what is exchanged, either way, send what is due, tell what became of it; raises Refused for a copy."""
        async with self.chain.database.read() as connection:
            await backup.refuse_marked(connection)
        self._slow = {each.name for each in partnerships}
        ended = await asyncio.gather(*map(self._serve_while_others_wait, partnerships), return_exceptions=True)
        for defect in ended:
            if defect is not None:
                raise defect
        names = [each.name for each in partnerships]
        refusals = [self.refusals[name] for name in names if name in self.refusals]
        faults = [fault for name in names for fault in self.faults.get(name, ())]
        if faults or refusals:
            self.report.outcome = JobOutcome.REFUSED if refusals else JobOutcome.PARTIAL
            self.report.error = "; ".join([*refusals, *faults])

    async def _serve_while_others_wait(self, partnership: Partnership) -> None:
        """Serve a partner, and again until all were served: what is due at it must not wait for a silent one."""
        try:
            await self._serve(partnership)
        finally:
            self._slow.discard(partnership.name)
            if not self._slow:
                self._all.set()
        while self._slow:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all.wait(), AGAIN)
            if self._slow:
                await self._serve(partnership)

    async def _serve(self, partnership: Partnership) -> None:
        self.faults[partnership.name] = []
        self.refusals.pop(partnership.name, None)
        # a defect about what members exchange is raised once the stays were served: these have nothing to do with it
        (defect,) = await asyncio.gather(self._take(partnership), return_exceptions=True)
        await self._hand_over(partnership)
        await self._deliver(partnership)
        await self._answer(partnership)
        if defect is not None:
            raise defect

    async def _take(self, partnership: Partnership) -> None:
        try:
            self.report.read += await exchanges.take(self.chain, partnership)
        except Unfinished as fault:
            self.faults[partnership.name].append(str(fault))
        except Misconfigured as fault:
            self.faults[partnership.name].append(str(fault))
            self.report.misconfigured = True

    async def _hand_over(self, partnership: Partnership) -> None:
        try:
            self.report.written += await deposits.hand_over(self.chain, partnership)
        except Unfinished as fault:
            self.faults[partnership.name].append(str(fault))

    async def _deliver(self, partnership: Partnership) -> None:
        try:
            if not await going_live.is_admitted(self.chain, partnership, self.confirm, self.operator):
                return
            for each in partnership.by_account():
                done = await deliver(self.chain, each, self.breakers[each.label])
                self.report.written += done.settled
                self.faults[partnership.name] += done.paused.values()
                self.report.unauthorized |= done.unauthorized
        except Conflict as conflict:
            self.faults[partnership.name].append(str(conflict))
        except Refused as refusal:
            self.refusals[partnership.name] = str(refusal)
        self.faults[partnership.name] += await orphans(self.chain, partnership)

    async def _answer(self, partnership: Partnership) -> None:
        try:
            await exchanges.answer(self.chain, partnership)
        except Unfinished as fault:
            self.faults[partnership.name].append(str(fault))
