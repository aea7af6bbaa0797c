"""The application as a whole: opened for one command, closed at its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connector.alerts import Ping
from connector.bootstrap import alerts
from connector.bootstrap.chain import chain, closing_terms, retention, road
from connector.bootstrap.confidential import hold_key, refuse_lost, revealed_if_any
from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.errors import Misconfigured, Refused, Unfinished
from connector.http.breaker import Breaker
from connector.jobs.chain import Chain
from connector.jobs.gauges import Gauges
from connector.jobs.runner import Runner
from connector.jobs.watch import Watch
from connector.settings import Settings
from connector.store import integrity, migrations, retired
from connector.store.engine import Database
from connector.store.limits import StoredBreakers
from connector.store.lock import exclusive
from connector.telemetry import metrics, tracing


@dataclass(slots=True)
class App:
    """Everything that a command needs; ``settings`` and ``runner`` are others after a change, so ask for them anew.

    ``followers`` are called after a change, before anything else happens.
    """

    settings: Settings
    database: Database
    runner: Runner
    watch: Watch
    ping: Ping | None
    gauges: Gauges = field(default_factory=Gauges)
    followers: list[Callable[[App], None]] = field(default_factory=list)
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def chain(self) -> Chain:
        """The chain that the jobs work on."""
        return self.runner.chain

    async def change(self, settings: Settings) -> None:
        """Work by other settings on the same database from now on; raises before anything has changed, or not at all.

        What runs by the present settings ends by them; their connections are closed then.
        """
        opened = AsyncExitStack()
        working = _working(Parts(settings, self.database, opened), busy=self.runner.turns.busy)
        before, ended = self.runner, self._opened
        self.runner, self.watch, self.ping = working
        self.settings, self._opened = settings, opened
        for follow in self.followers:
            follow(self)
        task = asyncio.create_task(_end(before, ended))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def exposition(self) -> tuple[bytes, str]:
        """Return the metrics as Prometheus reads them, and their content type; what the store tells is seconds old."""
        await self.gauges.refresh(self.runner)
        return metrics.exposition()

    async def aclose(self) -> None:
        """Close the connections to remote systems."""
        for task in self._ending:
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._opened.aclose()

    @property
    def partners(self) -> list[str]:
        """The names of the partners."""
        return [each.name for each in self.runner.partnerships]


@asynccontextmanager
async def application(
    settings: Settings,
    *,
    works: bool = False,
    confirm: str | None = None,
    operator: str = "",
    retakes: bool = False,
) -> AsyncIterator[App]:
    """Open the application: database upgraded, connections closed at the end.

    ``works``: the command runs jobs, so on SQLite it holds the exclusive lock; raises Refused when another does, and
    for a database that moved. To that nothing is written but by the command that ``retakes`` it.
    """
    async with AsyncExitStack() as stack:
        database = open_database(settings)
        stack.push_async_callback(database.aclose)
        if works and database.file is not None:
            stack.enter_context(exclusive(database.file))
        if works:
            await integrity.refuse_damaged(database)
            tracing.begin(os.environ)
            stack.callback(tracing.end)
        await migrations.upgrade(database)
        if not retakes:
            await retired.seal(database)
        await hold_key(settings, database)
        if works and database.sealed:
            raise Refused(database.sealed)
        opened = AsyncExitStack()
        working = _working(Parts(settings, database, opened), confirm, operator)
        app = App(settings, database, *working, _opened=opened)
        app.runner.turns.retakes = retakes
        stack.push_async_callback(app.aclose)
        yield app


async def _end(runner: Runner, opened: AsyncExitStack) -> None:
    """Close what a runner works with when its last job has ended; also when that is not waited for any more."""
    try:
        await runner.turns.until_idle()
    finally:
        await opened.aclose()


def open_database(settings: Settings, *, is_filled: bool = False) -> Database:
    """Return the database of the settings, not yet connected.

    Raises Misconfigured for a folder that does not exist: made by a misspelt path, or where a volume is not mounted, it
    would begin an empty ledger, which sends everything again. Raises Refused for a database that is gone from beside
    its hash key, unless it ``is_filled`` by an import, and Unfinished for a folder that this user may not enter.
    """
    database = Database(settings.database.url, revealed_if_any(settings.database.password))
    if (file := database.file) is not None:
        try:
            _refuse_misplaced(file)
            if not is_filled:
                refuse_lost(settings, database)
        except OSError as error:
            raise Unfinished(
                f"database.url: {file} cannot be reached ({error.strerror}); expected a folder that this user may enter"
            ) from error
    return database


def _refuse_misplaced(file: Path) -> None:
    if file.is_dir():
        raise Misconfigured(f"database.url: {file} is a folder; expected the file of the database")
    if not file.parent.is_dir():
        raise Misconfigured(
            f"database.url: the folder {file.parent} does not exist; expected the database's, made or mounted before"
        )


def _working(
    parts: Parts, confirm: str | None = None, operator: str = "", busy: set[str] | None = None
) -> tuple[Runner, Watch, Ping | None]:
    """Return what works by the settings: the jobs, the watch over them, and the sign of life for others."""
    runner = _runner(parts, confirm, operator, busy)
    return runner, alerts.watch(parts, runner.chain, runner.partnerships), alerts.ping(parts)


def _runner(parts: Parts, confirm: str | None, operator: str, busy: set[str] | None) -> Runner:
    partners = partnerships(parts)
    store = StoredBreakers(parts.database)
    labels = [each.label for one in partners for each in one.by_account()]
    breakers = {label: Breaker(f"partner {label}", store, parts.clock) for label in labels}
    return Runner(
        chain(parts),
        road(parts, partners),
        partners,
        breakers,
        parts.clients,
        confirm,
        operator,
        closing_terms(parts.settings),
        retention(parts.settings),
        busy=busy,
    )
