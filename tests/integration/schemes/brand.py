"""A brand at qiibee: the sandbox's server over a real socket, and the source that reads it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from connector.http.auth import HeaderAuth
from connector.http.client import Client
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import Effect, Fault, FaultPlan
from connector.sandbox.qiibee import loading
from connector.sandbox.qiibee.application import API_KEY, BASE, create_app, operation_of
from connector.sandbox.qiibee.reading import Reading
from connector.sandbox.qiibee.users import Users
from connector.schemes.qiibee import Qiibee
from connector.schemes.qiibee_api import QiibeeApi
from connector.telemetry import redact
from tests.serving import serving
from tests.unit.http.memory import HandClock

FIELDS = {"member_id": "auth_id", "email": "email", "first_name": "first_name", "last_name": "second_name"}
TIERED = {**FIELDS, "tier": "metadata.tier", "number": "metadata.number"}


def user(auth_id: str, *, miles: str | None = None, **more: Any) -> dict[str, Any]:
    """A user as the sandbox is given one; ``miles`` is the number of a membership at Miles & More."""
    numbers = [{"exchange_provider_implementation_name": "miles_and_more", "membership_number": miles}]
    return {
        "auth_id": auth_id,
        "email": f"{auth_id}@guests.example",
        "memberships": numbers if miles else [],
        **more,
    }


@dataclass
class Traffic:
    """An ASGI layer that notes how many requests were under way at most."""

    app: Any
    under_way: int = 0
    most: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.under_way += scope["type"] == "http"
        self.most = max(self.most, self.under_way)
        try:
            await self.app(scope, receive, send)
        finally:
            self.under_way -= scope["type"] == "http"


@dataclass
class Brand:
    """The server as a test sees it: ``web`` reaches its controls, ``faults`` is its plan."""

    url: str
    web: httpx.AsyncClient
    faults: FaultPlan
    traffic: Traffic
    users: Users
    clock: HandClock = field(default_factory=HandClock)
    clients: list[Client] = field(default_factory=list)

    def replace(self, *users: Mapping[str, Any]) -> None:
        """Let these be the users and no others, without asking the server: where nothing can be awaited."""
        self.users.replace(loading.from_json(json.dumps(users)))

    async def hold(self, *users: Mapping[str, Any]) -> None:
        """Let these be the users and no others, the oldest first."""
        (await self.web.put("/_sandbox/users", json=users)).raise_for_status()

    async def add(self, *users: Mapping[str, Any]) -> None:
        """Add users, the newest of all, or change some."""
        (await self.web.post("/_sandbox/users", json=users)).raise_for_status()

    def fault(self, operation: str, effect: str, **more: Any) -> None:
        """Plan a fault."""
        self.faults.add(Fault(operation, Effect(effect), **more))

    async def calls(self) -> dict[str, int]:
        """How often each operation was called since the start."""
        return dict((await self.web.get("/_sandbox/stats")).json())

    def source(self, url: str = "", key: str = API_KEY, **more: Any) -> Qiibee:
        """The source under test."""
        auth = HeaderAuth("X-API-KEY", key)
        client = Client((url or self.url) + BASE, name="qiibee", auth=auth, max_connections=50)
        self.clients.append(client)
        api = QiibeeApi(client, self.clock, sleep=self.clock.sleep)
        return Qiibee(api, **{"fields": TIERED, **more})


@asynccontextmanager
async def opened(folder: Path, answers: str = "") -> AsyncIterator[Brand]:
    """Serve a brand without users; ``answers`` chooses how qiibee's answers look."""
    app = create_app(folder / "qiibee.db", reading=Reading.parse(answers))
    faults = FaultPlan()
    traffic = Traffic(FaultLayer(app, operation_of, faults))
    async with serving(traffic) as url, httpx.AsyncClient(base_url=url) as web:
        brand = Brand(url, web, faults, traffic, app.state.users)
        try:
            yield brand
        finally:
            for client in brand.clients:
                await client.aclose()
            redact.forget(API_KEY)
