"""The sign of life for a service of the Healthchecks kind: when it stays away, that service raises the alarm."""

from __future__ import annotations

from connector.errors import Lost
from connector.http.client import Client


class Ping:
    """Asks for one address; who watches it decides how long it may stay away."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ping(self) -> None:
        """Ask for it once; raises ConnectorError when it was not taken."""
        answer = await self._client.send("GET", "", operation="ping", deadline=20)
        if not 200 <= answer.status < 300:
            raise Lost(f"alerts: the ping was answered {answer.status}; expected 2xx")
