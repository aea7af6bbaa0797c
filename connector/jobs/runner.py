"""Running jobs: who may run one, what came of it, and again until nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from decimal import Decimal
from time import monotonic

import structlog
from structlog.contextvars import bound_contextvars

from connector.domain.ledger import State
from connector.errors import ConnectorError, Misconfigured, Refused, Superseded, Unauthorized
from connector.http.breaker import Breaker
from connector.http.client import Client
from connector.jobs import adoption, hints
from connector.jobs import align as alignment
from connector.jobs import reconcile as reconciling
from connector.jobs import stays as staying
from connector.jobs import sweep as sweeping
from connector.jobs.chain import Chain
from connector.jobs.closing import Terms
from connector.jobs.contracts import Partnership
from connector.jobs.dispatch import Dispatch
from connector.jobs.identity import is_dead
from connector.jobs.names import kinds_of
from connector.jobs.properties import read_properties
from connector.jobs.report import JobOutcome, JobReport
from connector.jobs.scheme import Road
from connector.jobs.turns import Turns
from connector.store import ledger, outbox, runs, takeover
from connector.store.faults import store_fault
from connector.telemetry import metrics
from connector.telemetry.tracing import span

JOBS = ("align", "stays", "deliver", "reconcile", "sweep")
TURN = timedelta(seconds=60)
_PAUSE = 1.0  # seconds between looks at what is due
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Runner:
    """The jobs of one instance. ``road`` and ``partnerships`` may be absent: then that road is off.

    ``terms`` are those of closing months, ``retention`` says what is kept how long; ``busy`` are the jobs that this
    process runs by other settings.
    """

    chain: Chain
    road: Road | None
    partnerships: Sequence[Partnership]
    breakers: Mapping[str, Breaker]
    clients: Sequence[Client]
    confirm: str | None = None
    operator: str = ""
    terms: Terms = field(default_factory=Terms)
    retention: sweeping.Terms = field(default_factory=dict)
    busy: InitVar[set[str] | None] = None
    turns: Turns = field(init=False)

    def __post_init__(self, busy: set[str] | None) -> None:
        """Let the facts of the properties be read with the names that the rules use."""
        self.turns = Turns(self.chain, set() if busy is None else busy)
        self.chain.asked = kinds_of(self.partnerships)

    @property
    def prices(self) -> dict[str, Decimal | None]:
        """What a mile costs at each partner (None: not told)."""
        return {each.name: each.price_per_mile for each in self.partnerships}

    async def run(self, name: str) -> JobReport:
        """Run one job once, if nobody else does; its failure is in the report, never raised."""
        report = JobReport(name)
        began = monotonic()
        with bound_contextvars(job=name, run=report.run), span(f"job {name}", run=report.run) as told:
            await self._contained(report, self._in_turn)
            told.tell(outcome=str(report.outcome), read=report.read, written=report.written)
            if not report.ended:
                report.seconds = round(monotonic() - began, 3)
            if report.outcome not in (JobOutcome.OK, JobOutcome.SKIPPED):
                _log.warning("job", outcome=str(report.outcome), error=report.error)
        metrics.count(metrics.RUNS, name, str(report.outcome))
        metrics.count(metrics.RUN_SECONDS, name, by=report.seconds)
        return report

    async def _in_turn(self, report: JobReport) -> None:
        async with self.turns.take(report.name, report) as mine:
            if mine:
                await self._measured(report)
            else:
                report.outcome, report.error = JobOutcome.SKIPPED, f"{report.name}: it is under way already"

    async def _measured(self, report: JobReport) -> None:
        began, requests = monotonic(), self._requests()
        await self._contained(report, self._job(report.name))
        report.requests = self._requests() - requests
        report.seconds = round(monotonic() - began, 3)
        report.ended = True

    async def _contained(self, report: JobReport, work: Callable[[JobReport], Awaitable[None]]) -> None:
        """Do work; what it raises is told in the report."""
        try:
            await work(report)
        except Refused as refusal:
            report.outcome, report.error = JobOutcome.REFUSED, str(refusal)
        except Misconfigured as fault:
            report.outcome, report.error, report.misconfigured = JobOutcome.FAILED, str(fault), True
        except Unauthorized as error:
            report.outcome, report.error, report.unauthorized = JobOutcome.FAILED, str(error), True
        except Superseded as taken:
            report.outcome, report.error = JobOutcome.PARTIAL, str(taken)
        except ConnectorError as error:
            report.outcome, report.error = JobOutcome.FAILED, str(error)
        except Exception as error:  # noqa: BLE001  # the one place: a job's defect must not stop the others
            report.outcome, report.error = JobOutcome.FAILED, store_fault(error)
            report.unexpected = not report.error
            if report.unexpected:
                report.error = f"{report.name}: unexpected {type(error).__name__}; the log has the details"
                _log.exception("a job failed unexpectedly")

    async def to_rest(self, names: Sequence[str], wait: timedelta) -> list[JobReport]:
        """Run jobs until nothing is left to do, waiting for what is due within ``wait``."""
        reports = {name: await self.run(name) for name in names}
        deadline = self.chain.clock.now() + wait
        while again := await self._unfinished(reports):
            pause = await self._pause(again)
            if self.chain.clock.now() + timedelta(seconds=pause) > deadline:
                break
            await asyncio.sleep(pause)
            for name in again:
                reports[name].add(await self.run(name))
        return list(reports.values())

    async def take_over(self) -> None:
        """End what dead processes of this machine left open."""
        async with self.chain.database.write() as connection:
            await takeover.take_over(connection, is_dead, self.chain.clock.now())

    async def skipped(self, name: str) -> None:
        """Note that a start of a job was left out because its run still goes on."""
        async with self.chain.database.write() as connection:
            await runs.skip(connection, name)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait for a job's lease and hold it; raises Refused when it does not come free in time."""
        await self.take_over()
        deadline = monotonic() + TURN.total_seconds()
        while monotonic() < deadline:
            async with self.turns.take(name) as mine:
                if mine:
                    yield
                    return
            await asyncio.sleep(0.5)
        raise Refused(f"{name}: another process does it; expected it to end within {TURN.seconds} s")

    async def is_at_rest(self) -> bool:
        """Tell whether every message is held, suspended or final."""
        async with self.chain.database.read() as connection:
            counts = await ledger.count_by_state(connection)
        return not any(counts.get(state) for state in (State.READY, State.IN_FLIGHT, State.IN_DOUBT))

    def _job(self, name: str) -> Callable[[JobReport], Awaitable[None]]:
        jobs = (self._align, self._stays, self._deliver, self._reconcile, self._sweep)
        return dict(zip(JOBS, jobs, strict=True))[name]

    async def _align(self, report: JobReport) -> None:
        await hints.forget(self.chain, report.name)
        if self.road is None:
            report.outcome = JobOutcome.SKIPPED
            return
        unread = await read_properties(self.chain)
        done = await alignment.align(self.chain, self.road, confirm=self.confirm, operator=self.operator)
        report.read, report.written = done.read, done.written
        if done.doubt:
            report.outcome, report.error = JobOutcome.PARTIAL, f"align: not all is written yet: {done.doubt}"
            return
        if done.postponed or done.lost:
            report.outcome = JobOutcome.PARTIAL
            report.error = f"align: not all is written yet, {done.postponed} memberships wait for Mews to show them"
            return
        if unread:
            report.outcome, report.error = JobOutcome.PARTIAL, "; ".join(unread.values())
            report.unauthorized = self.chain.dead >= unread.keys()

    async def _stays(self, report: JobReport) -> None:
        await hints.forget(self.chain, report.name)
        if not self.partnerships:
            report.outcome = JobOutcome.SKIPPED
            return
        unread = await read_properties(self.chain)
        seen = await staying.collect(self.chain, self.partnerships, unread)
        report.read, report.written, report.warnings = seen.read, seen.decided, seen.warnings
        if faults := [*seen.failed.values(), *map(str, seen.unheard)]:
            report.outcome, report.error = JobOutcome.PARTIAL, "; ".join(faults)
            refused = all(isinstance(each, Unauthorized) for each in seen.unheard)
            report.unauthorized = self.chain.dead >= seen.failed.keys() and refused
        if not seen.failed:
            await adoption.catch_up(self.chain)

    async def _deliver(self, report: JobReport) -> None:
        if not self.partnerships:
            report.outcome = JobOutcome.SKIPPED
            return
        await Dispatch(self.chain, self.breakers, self.confirm, self.operator, report).run(self.partnerships)

    async def _reconcile(self, report: JobReport) -> None:
        if not self.partnerships:
            report.outcome = JobOutcome.SKIPPED
            return
        done = await reconciling.reconcile(self.chain, self.prices, self.terms)
        report.read, report.written = done.open, done.closed

    async def _sweep(self, report: JobReport) -> None:
        report.written = await sweeping.sweep(self.chain, self.retention)

    async def _unfinished(self, reports: Mapping[str, JobReport]) -> list[str]:
        failed = {JobOutcome.PARTIAL, JobOutcome.FAILED}
        again = [name for name, report in reports.items() if report.outcome in failed and not report.hopeless]
        delivered = reports.get("deliver")
        refused = delivered is None or delivered.outcome is JobOutcome.REFUSED  # until a person did something
        if not refused and "deliver" not in again and not await self.is_at_rest():
            again.append("deliver")
        return again

    async def _pause(self, again: Sequence[str]) -> float:
        """Return the seconds until one of the jobs has something to do."""
        if list(again) != ["deliver"]:
            return 5.0
        async with self.chain.database.read() as connection:
            due = await outbox.next_due(connection, [each.name for each in self.partnerships])
        if due is None:
            return _PAUSE
        return max(_PAUSE, (due - self.chain.clock.now()).total_seconds())

    def _requests(self) -> int:
        return sum(client.requests for client in self.clients)
