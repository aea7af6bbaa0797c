"""The application as a whole: opened for one command, closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from connector.bootstrap.chain import chain, closing_terms, retention, road
from connector.bootstrap.confidential import revealed_if_any
from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.http.breaker import Breaker
from connector.jobs.chain import Chain
from connector.jobs.runner import Runner
from connector.settings import Settings
from connector.store import integrity, migrations
from connector.store.engine import Database
from connector.store.limits import StoredBreakers
from connector.store.lock import exclusive


@dataclass(frozen=True, slots=True)
class App:
    """Everything that a command needs."""

    settings: Settings
    database: Database
    runner: Runner

    @property
    def chain(self) -> Chain:
        """The chain that the jobs work on."""
        return self.runner.chain

    @property
    def partners(self) -> list[str]:
        """The names of the partners."""
        return [each.name for each in self.runner.partnerships]


@asynccontextmanager
async def application(
    settings: Settings, *, works: bool = False, confirm: str | None = None, operator: str = ""
) -> AsyncIterator[App]:
    """Open the application: database upgraded, connections closed at the end.

    ``works``: the command runs jobs, so on SQLite it holds the exclusive lock; raises Refused when another does.
    """
    async with AsyncExitStack() as stack:
        database = open_database(settings)
        stack.push_async_callback(database.aclose)
        if database.file is not None:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            if works:
                stack.enter_context(exclusive(database.file))
        if works:
            await integrity.refuse_damaged(database)
        await migrations.upgrade(database)
        yield App(settings, database, _runner(Parts(settings, database, stack), confirm, operator))


def open_database(settings: Settings) -> Database:
    """Return the database of the settings, not yet connected."""
    return Database(settings.database.url, revealed_if_any(settings.database.password))


def _runner(parts: Parts, confirm: str | None, operator: str) -> Runner:
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
    )
