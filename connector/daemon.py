"""The daemon: APScheduler says when, lease rows say who, SIGTERM drains."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connector import __version__, heartbeat
from connector.bootstrap import App
from connector.jobs.report import JobOutcome
from connector.jobs.runner import JOBS
from connector.web.pulse import Pulse

TICK = timedelta(seconds=5)
DRAIN = timedelta(seconds=8)  # a stop must end within 10 s
_log = structlog.get_logger(__name__)


async def serve(app: App) -> None:
    """Run until SIGTERM or SIGINT; what is under way may finish within the drain time."""
    daemon = _Daemon(app)
    async with _served(app, daemon.pulse):
        await app.runner.take_over()
        daemon.start()
        await daemon.until_stopped()
        await daemon.drain()


def _served(app: App, pulse: Pulse) -> AbstractAsyncContextManager[None]:
    """Serve the console meanwhile, where it is wanted: importing the server takes its time."""
    if app.settings.web.listen == "off":
        return nullcontext()
    from connector.web.server import serving

    return serving(app, pulse)


@dataclass(slots=True)
class _Daemon:
    app: App
    scheduler: AsyncIOScheduler = field(
        default_factory=lambda: AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
    )
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    pulse: Pulse = field(default_factory=Pulse)
    silent: bool = False

    def start(self) -> None:
        """Schedule every job, the first run at once, and listen for signals."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        now = datetime.now(UTC)
        for name in JOBS:
            self.scheduler.add_job(
                partial(_in_task, self, partial(self._run, name)),
                self._trigger(name),
                id=name,
                next_run_time=now,
            )
        self.scheduler.add_job(self._beat, IntervalTrigger(seconds=TICK.seconds), id="tick", next_run_time=now)
        self.scheduler.start()
        _log.info("started", jobs=list(JOBS), version=__version__)

    async def until_stopped(self) -> None:
        """Wait for a signal."""
        await self.stopping.wait()

    async def drain(self) -> None:
        """Stop starting, let what runs finish, then end."""
        _log.info("stopping", running=len(self.tasks))
        # shutdown(wait=True) would cancel running coroutines: wait for our own tasks first
        self.scheduler.pause()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=DRAIN.total_seconds())
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.scheduler.shutdown(wait=False)
        with suppress(OSError):
            heartbeat.place(self.app.settings).unlink()
        _log.info("stopped")

    def _trigger(self, name: str) -> BaseTrigger:
        every = getattr(self.app.settings.schedule, name)
        zone = ZoneInfo(self.app.settings.chain.time_zone)
        if isinstance(every, time):
            return CronTrigger(hour=every.hour, minute=every.minute, timezone=zone)
        seconds = every.total_seconds()
        return IntervalTrigger(seconds=int(seconds), jitter=min(10, int(seconds * 0.1)) or None)

    async def _run(self, name: str) -> None:
        report = await self.app.runner.run(name)
        if report.written or report.outcome not in (JobOutcome.OK, JobOutcome.SKIPPED):
            _log.info("job", job=name, outcome=str(report.outcome), read=report.read, written=report.written)
        if name == "stays" and report.written and not self.stopping.is_set():
            await self.app.runner.run("deliver")  # stays wakes deliver when it made work

    async def _beat(self) -> None:
        self.pulse.beat()
        try:
            await asyncio.to_thread(heartbeat.beat, heartbeat.place(self.app.settings))
        except OSError as error:
            if not self.silent:
                _log.error("no sign of life can be left, so health will fail", reason=error.strerror)
            self.silent = True
        else:
            self.silent = False


async def _in_task(daemon: _Daemon, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run work as a task of our own: the scheduler cancels what it runs when it shuts down."""
    task = asyncio.ensure_future(work())
    daemon.tasks.add(task)
    task.add_done_callback(daemon.tasks.discard)
    await asyncio.shield(task)
