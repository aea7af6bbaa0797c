"""The job ``deliver`` over all partners: one partner's fault stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(slots=True)
class Dispatch:
    """One pass; ``confirm`` is the id by which ``operator`` lets a partner go live."""

    chain: Chain
    breakers: Mapping[str, Breaker]
    confirm: str | None
    operator: str
    report: JobReport
    faults: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def run(self, partnerships: Sequence[Partnership]) -> None:
        """Take what is exchanged, either way, send what is due, tell what became of it; raises Refused for a copy."""
        async with self.chain.database.read() as connection:
            await backup.refuse_marked(connection)
        for each in partnerships:
            await self._take(each)
            await self._hand_over(each)
            await self._deliver(each)
            await self._answer(each)
        if self.faults or self.refusals:
            self.report.outcome = JobOutcome.REFUSED if self.refusals else JobOutcome.PARTIAL
            self.report.error = "; ".join([*self.refusals, *self.faults])

    async def _take(self, partnership: Partnership) -> None:
        try:
            self.report.read += await exchanges.take(self.chain, partnership)
        except Unfinished as fault:
            self.faults.append(str(fault))
        except Misconfigured as fault:
            self.faults.append(str(fault))
            self.report.misconfigured = True

    async def _hand_over(self, partnership: Partnership) -> None:
        try:
            self.report.written += await deposits.hand_over(self.chain, partnership)
        except Unfinished as fault:
            self.faults.append(str(fault))

    async def _deliver(self, partnership: Partnership) -> None:
        try:
            if not await going_live.is_admitted(self.chain, partnership, self.confirm, self.operator):
                return
            for each in partnership.by_account():
                done = await deliver(self.chain, each, self.breakers[each.label])
                self.report.written += done.settled
                self.faults += done.paused.values()
                self.report.unauthorized |= done.unauthorized
        except Conflict as conflict:
            self.faults.append(str(conflict))
        except Refused as refusal:
            self.refusals.append(str(refusal))
        self.faults += await orphans(self.chain, partnership)

    async def _answer(self, partnership: Partnership) -> None:
        try:
            await exchanges.answer(self.chain, partnership)
        except Unfinished as fault:
            self.faults.append(str(fault))
