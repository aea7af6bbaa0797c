"""Mews's WebSocket, one connection for an access token (Connector API, "WebSockets")."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from connector.domain.hints import Hint
from connector.errors import Lost
from connector.http.route import Route
from connector.mews.answers import TokenRefused
from connector.mews.payloads.events import anything, of_message

_SILENCE = 20.0  # seconds until the other side is asked whether it is there, and until it must have answered
_OPENING, _CLOSING = 10.0, 1.0  # seconds
_LARGEST = 1 << 20  # bytes of a message
# the library logs the headers, in which the tokens are, with whatever logger it is given: this one is heard nowhere
_UNHEARD = logging.Logger("websocket", logging.CRITICAL + 1)  # noqa: LOG001  # one that no settings can turn on


def _way(address: str, route: Route) -> dict[str, Any]:
    """Return how the library connects: as told, whatever the environment says, and to this machine by no proxy."""
    if not address.startswith("wss:"):
        return {"proxy": None}
    context = route.tls()
    to_it = {"proxy_ssl": context} if route.proxy.startswith("https:") else {}
    return {"ssl": context, "proxy": route.proxy_with_credentials or None, **to_it}


@dataclass(frozen=True, slots=True)
class Socket:
    """Where to listen with an access token; ``table`` is its settings table, as messages name it."""

    address: str
    table: str
    client_token: str = field(repr=False)
    access_token: str = field(repr=False)
    route: Route = field(default_factory=Route)

    async def hints(self) -> AsyncGenerator[list[Hint], None]:
        """Connect once, and yield what is heard: at first that anything may have changed, until then nobody listened.

        Ends by an error: TokenRefused when Mews does not accept the token, Lost for every other end.
        """
        try:
            async with connect(
                self.address,
                additional_headers={"Cookie": f"ClientToken={self.client_token}; AccessToken={self.access_token}"},
                logger=_UNHEARD,
                open_timeout=_OPENING,
                ping_interval=_SILENCE,
                ping_timeout=_SILENCE,
                close_timeout=_CLOSING,
                max_size=_LARGEST,
                **_way(self.address, self.route),
            ) as socket:
                yield anything(self.table)
                async for message in socket:
                    if found := of_message(message, self.table):
                        yield found
        except InvalidStatus as refusal:
            raise self._refused(refusal.response.status_code) from None
        except ConnectionClosed as end:
            raise self._lost(f"it ended ({end.rcvd.code if end.rcvd else 'without a word'})") from None
        except (OSError, WebSocketException) as error:
            raise self._lost(f"no connection was made ({type(error).__name__})") from None
        raise self._lost("it was closed by the other side")

    def _refused(self, status: int) -> TokenRefused | Lost:
        if status == HTTPStatus.UNAUTHORIZED:
            what = f"{self._where}: HTTP 401; expected an access token and a client token that Mews accepts"
            return TokenRefused(what, table=self.table, status=status)
        return self._lost(f"HTTP {status}")

    def _lost(self, what: str) -> Lost:
        return Lost(f"{self._where}: {what}")

    @property
    def _where(self) -> str:
        return f"Mews's WebSocket for [mews.properties.{self.table}]"
