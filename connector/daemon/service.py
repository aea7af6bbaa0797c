"""The daemon: APScheduler says when, lease rows say who, SIGTERM drains, SIGHUP reads the configuration again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from connector import __version__, heartbeat
from connector.bootstrap import App
from connector.bootstrap.events import listener
from connector.daemon import reload, timekeeper
from connector.daemon.beside import Beside
from connector.daemon.lookout import EVERY, Lookout
from connector.daemon.notify import ServiceManager
from connector.daemon.timetable import Timetable
from connector.errors import Refused
from connector.heartbeat import Life
from connector.jobs import hints
from connector.jobs.agreement import Agreement
from connector.jobs.listening import Listening
from connector.jobs.report import JobOutcome
from connector.jobs.rota import postponed
from connector.jobs.runner import JOBS
from connector.settings.fingerprint import fingerprint
from connector.store.faults import FAILURES, store_fault
from connector.telemetry import metrics
from connector.web.pulse import Pulse

TICK = timedelta(seconds=5)
DRAIN = timedelta(seconds=8)  # a stop must end within 10 s
_log = structlog.get_logger(__name__)


async def serve(app: App) -> None:
    """Run until SIGTERM or SIGINT; what is under way may finish within the drain time.

    Raises Refused when the database moved meanwhile.
    """
    daemon = _Daemon(app, ServiceManager.of(os.environ))
    async with _served(app, daemon.pulse):
        await app.runner.take_over()
        daemon.start()
        await daemon.until_stopped()
        await daemon.drain()
    if app.database.sealed:
        raise Refused(app.database.sealed)


def _served(app: App, pulse: Pulse) -> AbstractAsyncContextManager[None]:
    """Serve the console meanwhile, where it is wanted: importing the server takes its time."""
    if app.settings.web.listen == "off":
        return nullcontext()
    from connector.web.server import serving

    return serving(app, pulse)


@dataclass(slots=True)
class _Daemon:
    app: App
    manager: ServiceManager
    timetable: Timetable = field(init=False)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)
    beating: asyncio.Lock = field(default_factory=asyncio.Lock)
    overlong: set[str] = field(default_factory=set)
    pulse: Pulse = field(default_factory=Pulse)
    listening: Listening = field(default_factory=Listening)
    agreement: Agreement = field(default_factory=Agreement)
    silent: bool = False
    timekeeping: asyncio.Task[None] | None = None
    life: Life = field(default_factory=lambda: Life(os.getpid(), now := _now(), now))

    def __post_init__(self) -> None:
        self.timetable = Timetable(self.app.settings, self._missed)

    def start(self) -> None:
        """Schedule every job, the first run at once, and listen for signals."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, partial(self._spawn, self._reload))
        for name in JOBS:
            self.timetable.add(name, partial(self._in_task, partial(self._start, name)))
        self.timetable.tick("tick", self._tick_every(), self._beat)
        self._beside("watch", EVERY, Lookout(self.app).look)
        self._beside("agreement", EVERY, self._agree)
        waker = hints.Waker(self.app.chain, lambda name: self._spawn(partial(self._run, name)))
        for name in hints.JOBS:
            self._beside(f"hints for {name}", hints.LOOK, partial(waker.look, name))
        self.listening.begin(listener(self.app.settings, self.app.chain))
        self.timetable.start()
        self.timekeeping = asyncio.create_task(timekeeper.keep(self.timetable))
        self.manager.ready("working")
        _log.info("started", jobs=list(JOBS), version=__version__)

    async def until_stopped(self) -> None:
        """Wait for a signal."""
        await self.stopping.wait()

    async def drain(self) -> None:
        """Stop starting, let what runs finish, then end."""
        _log.info("stopping", running=len(self.tasks))
        self.manager.stopping()
        # the scheduler's own shutdown would cancel running coroutines: wait for our own tasks first
        self.timetable.pause()
        if self.timekeeping:
            self.timekeeping.cancel()
        await self.listening.end()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=DRAIN.total_seconds())
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.timetable.end()
        with suppress(OSError):
            heartbeat.place(self.app.settings).unlink()
        _log.info("stopped")

    def _tick_every(self) -> timedelta:
        """Return how often to show a sign of life: at least twice while the service manager waits for one."""
        return min(TICK, self.manager.watchdog / 2) if self.manager.watchdog else TICK

    def _beside(self, what: str, every: timedelta, work: Callable[[], Awaitable[object]]) -> None:
        self.timetable.tick(what, every, partial(self._in_task, partial(Beside(what, work).do)))

    async def _start(self, name: str) -> None:
        """Run a job whose time has come, unless another instance has just done it."""
        if later := await self._later(name):
            self.timetable.postpone(name, later)
        else:
            await self._run(name)

    async def _later(self, name: str) -> datetime | None:
        """Return when a job is due that another instance did; of a database that does not answer the run tells."""
        try:
            return await postponed(self.app.chain, name, self.timetable.every(name))
        except FAILURES as error:
            if store_fault(error):
                return None
            raise

    async def _agree(self) -> None:
        await self.agreement.look(self.app.chain, fingerprint(self.app.settings))

    async def _run(self, name: str) -> None:
        report = await self.app.runner.run(name)
        self.overlong.discard(name)
        if self.app.database.sealed:
            self.stopping.set()
            return
        if report.written and report.outcome is JobOutcome.OK:
            _log.info("job", job=name, run=report.run, read=report.read, written=report.written)
        if name == "stays" and report.written and not self.stopping.is_set():
            # stays wakes deliver when it made work, and does not wait for it
            self._spawn(partial(self._run, "deliver"))

    async def _reload(self) -> None:
        async with self.reloading:
            if self.stopping.is_set():
                return
            self.manager.reloading()
            try:
                await self._take_configuration()
            finally:  # a service manager that is not told so kills the daemon after a while
                self.manager.ready(self._status())

    async def _take_configuration(self) -> None:
        if await reload.reload(self.app):
            self.timetable.change(self.app.settings)
            await self.listening.end()
            self.listening.begin(listener(self.app.settings, self.app.chain))
            self.life = replace(self.life, configured=_now(), refused=None)
        else:
            self.life = replace(self.life, refused=_now())
        await self._beat()  # who hears that the daemon is ready finds in the file what came of it

    def _missed(self, name: str, why: str) -> None:
        """Hear of a start that did not come about."""
        if self.stopping.is_set():
            return
        if name not in JOBS:
            if why == "error":
                _log.error("what the daemon does beside the jobs failed", what=name)
            return
        metrics.count(metrics.SKIPPED, name, why)
        if why != "overlong":
            _log.error("a start of a job failed", job=name, why=why)
            return
        self._spawn(partial(self.app.runner.skipped, name))
        if name not in self.overlong:  # once in a run
            self.overlong.add(name)
            _log.warning("a job takes longer than the interval of its schedule; starts are left out", job=name)

    async def _beat(self) -> None:
        self.pulse.beat()
        self.manager.alive(self._status())
        try:
            async with self.beating:  # one at a time: both would write the same file
                await asyncio.to_thread(heartbeat.beat, heartbeat.place(self.app.settings), self.life)
        except OSError as error:
            if not self.silent:
                _log.error("no sign of life can be left, so health will fail", reason=error.strerror)
            self.silent = True
        else:
            self.silent = False

    def _status(self) -> str:
        running = sorted(self.app.runner.turns.busy)
        doing = f"working: {', '.join(running)}" if running else "waiting for the next start"
        return f"{doing}; the last change of the configuration was refused" if self.life.refused else doing

    async def _in_task(self, work: partial[Coroutine[Any, Any, Any]]) -> None:
        """Run work as a task of our own: the scheduler cancels what it runs when it shuts down."""
        task = self._spawn(work)
        await asyncio.wait([task])
        if not task.cancelled():  # at the end of the drain; the scheduler would tell that as a defect
            task.result()

    def _spawn(self, work: partial[Coroutine[Any, Any, Any]] | Any) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


def _now() -> datetime:
    return datetime.now(UTC)
