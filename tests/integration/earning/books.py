"""What the connector's books say: decisions, messages, cases, and the partners' own accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles import AirMiles
from connector.partners.lufthansa import EarnService, Terms
from connector.partners.qiibee import Qiibee
from connector.partners.uplyft import Uplyft
from connector.ports import Clock
from connector.sandbox.airmiles import application as airmiles
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan, parse
from connector.sandbox.journal import Journal
from connector.sandbox.lufthansa import application as lufthansa
from connector.sandbox.qiibee import application as qiibee
from connector.sandbox.uplyft import application as uplyft
from connector.store.engine import Database
from tests.integration.earning.chain import (
    MM,
    airmiles_channel,
    airmiles_client,
    qiibee_channel,
    uplyft_channel,
    uplyft_client,
)
from tests.serving import serving


@dataclass(frozen=True, slots=True)
class Books:
    """Looks into the database as it is."""

    database: Database

    async def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what a statement finds."""
        async with self.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(sql), values)]

    async def decisions(self, partner: str) -> dict[str, tuple[str, str]]:
        """Return status and reason of each stay."""
        found = await self.rows("SELECT reservation_id, status, reason FROM decision WHERE partner = :p", p=partner)
        return {stay: (status, reason) for stay, status, reason in found}

    async def messages(self) -> list[tuple[str, int, int, str]]:
        """Return kind, revision, miles and state of every message, in the order of the revisions."""
        return await self.rows(  # type: ignore[return-value]
            "SELECT kind, revision, miles, state FROM message ORDER BY partner, award_id, revision, kind"
        )

    async def states(self) -> list[str]:
        """Return the states of the messages, sorted."""
        return sorted([state for *_, state in await self.messages()])

    async def everything(self) -> str:
        """Return every value of every table but the runs of jobs as one text."""
        names = [name for name in SQLModel.metadata.tables if name != "job_run"]
        return "\n".join([repr(await self.rows(f'SELECT * FROM "{name}"')) for name in names])

    async def cases(self) -> list[tuple[str, str]]:
        """Return reason and text of every open case."""
        return await self.rows(  # type: ignore[return-value]
            "SELECT reason, text FROM suspense WHERE resolved_at IS NULL ORDER BY id"
        )


@dataclass(slots=True)
class Counter:
    """A partner's server: its journal, its planned faults, its address, and the channels opened to it."""

    journal: Journal
    plan: FaultPlan
    url: str
    operation: str
    channels: list[Any] = field(default_factory=list)
    app: Any = None

    def fault(self, effect: str, operation: str | None = None) -> None:
        """Plan a fault of the crediting operation, such as ``lose,times=1``."""
        self.plan.add(parse(f"here:{operation or self.operation}={effect}")[1])

    def given(self) -> list[tuple[str, int]]:
        """Return member and signed miles of every effect, in their order."""
        return [(each["member"], each["miles"]) for each in self.journal.credits()]

    def totals(self) -> dict[str, int]:
        """Return the partner's sums."""
        return dict(self.journal.totals())

    def uplyft(self, **options: Any) -> Uplyft:
        """Return an Uplyft channel to this server."""
        client = uplyft_client(self.url, **{k: options.pop(k) for k in ("secret",) if k in options})
        return self._opened(uplyft_channel(client, **options))

    def airmiles(self, **options: Any) -> AirMiles:
        """Return an AIR MILES channel to this server."""
        client = airmiles_client(self.url, **{k: options.pop(k) for k in ("secret",) if k in options})
        return self._opened(airmiles_channel(client, **options))

    def qiibee(self, **options: Any) -> Qiibee:
        """Return a qiibee channel to this server."""
        return self._opened(qiibee_channel(self.url, **options))

    def earn_service(self, clock: Clock, **terms: Any) -> EarnService:
        """Return a channel to this Earn service."""
        auth = ClientCredentials(f"{self.url}{lufthansa.TOKEN_PATH}", lufthansa.CLIENT_ID, lufthansa.CLIENT_SECRET)
        client = Client(f"{self.url}{lufthansa.PROFILES}", name=f"the Earn service for {MM}", auth=auth)
        return self._opened(EarnService(client, name=MM, terms=Terms(lufthansa.EARN, **terms), clock=clock))

    def _opened(self, channel: Any) -> Any:
        self.channels.append(channel)
        return channel


@asynccontextmanager
async def uplyft_counter(folder: Path, **options: Any) -> AsyncIterator[Counter]:
    """Serve an Uplyft."""
    app = uplyft.create_app(folder / "uplyft.db", **options)
    async with _counter(app, uplyft.operation_of, "createEvent") as counter:
        yield counter


@asynccontextmanager
async def airmiles_counter(folder: Path, **options: Any) -> AsyncIterator[Counter]:
    """Serve an AIR MILES."""
    app = airmiles.create_app(folder / "airmiles.db", **options)
    async with _counter(app, airmiles.operation_of, "post") as counter:
        yield counter


@asynccontextmanager
async def qiibee_counter(folder: Path, **options: Any) -> AsyncIterator[Counter]:
    """Serve a qiibee."""
    app = qiibee.create_app(folder / "qiibee.db", **options)
    async with _counter(app, qiibee.operation_of, "POST transactions") as counter:
        counter.app = app
        yield counter


@asynccontextmanager
async def lufthansa_counter(folder: Path, **options: Any) -> AsyncIterator[Counter]:
    """Serve an Earn service."""
    app = lufthansa.create_app(folder / "lufthansa.db", **options)
    async with _counter(app, lufthansa.operation_of, lufthansa.EARN) as counter:
        yield counter


@asynccontextmanager
async def _counter(app: Any, operation_of: Any, operation: str) -> AsyncIterator[Counter]:
    plan = FaultPlan()
    async with serving(FaultLayer(app, operation_of, plan)) as url:
        counter = Counter(app.state.journal, plan, url, operation)
        yield counter
        for channel in counter.channels:
            await channel.aclose()
