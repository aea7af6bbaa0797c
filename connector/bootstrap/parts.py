"""What the parts of the application are made of, and share."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from connector import __version__
from connector.bootstrap.routes import route
from connector.http.auth import Auth
from connector.http.client import Client
from connector.http.remote import Remote
from connector.settings import Settings
from connector.settings.connection import Connection
from connector.store.engine import Database
from connector.telemetry.clock import SystemClock

CONCURRENCY = 8  # requests under way at one remote system
_LISTS = frozenset({"mews", "scheme"})  # the systems whose answers are pages of a thousand records
_LISTING, _ANSWER = 64 * 1024 * 1024, 4 * 1024 * 1024  # bytes that an answer may have


@dataclass(frozen=True, slots=True)
class Parts:
    """Settings, database, clock, and every HTTP client that was made; ``stack`` closes them."""

    settings: Settings
    database: Database
    stack: AsyncExitStack
    clock: SystemClock = field(default_factory=SystemClock)
    clients: list[Client] = field(default_factory=list)

    def client(
        self,
        address: str,
        name: str,
        auth: Auth | None = None,
        *,
        remote: Remote,
        concurrency: int = CONCURRENCY,
        connection: Connection | None = None,
    ) -> Client:
        """Return a client for one remote system, at which so many requests may be under way; ``connection``: how."""
        client = Client(
            address,
            name=name,
            auth=auth,
            max_connections=concurrency,
            user_agent=f"mews-loyalty-connector/{__version__}",
            max_answer=_LISTING if remote.system in _LISTS else _ANSWER,
            remote=remote,
            route=route(connection),
        )
        self.clients.append(client)
        self.stack.push_async_callback(client.aclose)
        return client
