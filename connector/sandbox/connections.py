"""Connections that a simulator can break off, as a failing network would."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "transport"


class BreakableProtocol(H11Protocol):
    """HTTP/1.1 whose requests know their transport, under ``scope["state"]`` (the ASGI lifespan state)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give each request of this connection the transport beside the application's own state."""
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, TRANSPORT: transport}


async def drop(scope: Scope, receive: Receive) -> None:
    """Break the connection of this request without an answer; in process, raise ``ConnectionResetError``."""
    transport = scope.get("state", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the connection was dropped")
    transport.abort()
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass
