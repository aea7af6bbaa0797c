"""Notices as JSON, posted to an address: of a chat (which shows ``text``), a pager, or anything of one's own."""

from __future__ import annotations

import json

from connector.errors import Lost, Permanent
from connector.http.client import Client
from connector.ports.notices import Notice


class Webhook:
    """Posts every notice; any 2xx answer means that it arrived."""

    name = "webhook"

    def __init__(self, client: Client, chain: str, token: str | None = None) -> None:
        """``chain`` is named in every notice; ``token`` is sent as a bearer token."""
        self._client, self._chain = client, chain
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    async def tell(self, notice: Notice) -> None:
        """Post it: event, chain, title, text, at (ISO 8601), and the facts. Raises Lost or Permanent by the answer."""
        body = {
            "event": notice.event,
            "chain": self._chain,
            "title": notice.title,
            "text": f"[{self._chain}] {notice.title}\n{notice.text}",
            "at": notice.at.isoformat(),
            **notice.facts,
        }
        content = json.dumps(body, ensure_ascii=False).encode()
        answer = await self._client.send("POST", "", content=content, headers=self._headers, operation="notice")
        if answer.status == 429 or answer.status >= 500:
            raise Lost(f"alerts: the webhook answered {answer.status}; expected 2xx")
        if not 200 <= answer.status < 300:
            raise Permanent(f"alerts: the webhook answered {answer.status}; expected 2xx", status=answer.status)
