"""One access token's way to the Mews Connector API: ``POST …/api/connector/v1/{resource}/{action}``."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.limiter import Limiter
from connector.http.retry import READ, WRITE_ONCE, RetryPolicy, send
from connector.mews.answers import Call, data, is_good, refusal
from connector.mews.pages import LARGEST, Page, walk
from connector.ports import Clock
from connector.ports.turns import assure

_PATH = "/api/connector/v1/"
_HEADERS = {"Content-Type": "application/json"}


def digest(access_token: str) -> str:
    """Return what tells one access token from another, and the token to nobody."""
    return hashlib.sha256(access_token.encode()).hexdigest()[:16]


class Mews:
    """Calls of one access token.

    ``table`` is the settings table of the token, as messages name it; ``limiter`` is the token's own, because
    Mews counts per token. ``chain_id`` is set for a portfolio token only: Mews then requires it on writes.
    """

    def __init__(
        self,
        client: Client,
        *,
        client_token: str,
        access_token: str,
        client_name: str,
        table: str,
        limiter: Limiter,
        clock: Clock,
        chain_id: str | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.table = table
        self.digest = digest(access_token)
        self.chain_id = chain_id
        self._client = client
        self._tokens = {"ClientToken": client_token, "AccessToken": access_token, "Client": client_name}
        self._secrets = (client_token, access_token)
        self._limiter = limiter
        self._clock = clock
        self._sleep = sleep
        self._server_time: datetime | None = None
        self._skew = timedelta(0)

    def __repr__(self) -> str:
        return f"Mews(table={self.table!r})"

    @property
    def room(self) -> int | None:
        """Return at most how many requests this token may send now, without asking anybody; None without a limit."""
        return self._limiter.room

    @property
    def limit(self) -> int | None:
        """Return how many requests this token may send in a window; None without a limit."""
        return self._limiter.limit

    async def available(self) -> int | None:
        """Return how many requests this token may send now, those of other processes counted."""
        return await self._limiter.available()

    @property
    def server_time(self) -> datetime | None:
        """Return the ``Date`` of the latest answer, None before the first."""
        return self._server_time

    @property
    def skew(self) -> timedelta:
        """Return how far Mews's clock was ahead of ours at the latest answer, to the second."""
        return self._skew

    def now(self) -> datetime:
        """Return the present moment by Mews's clock, for the windows of a walk."""
        return self._clock.now() + self._skew

    def named(self, operation: str) -> str:
        """Return how messages name a call: the operation, and the settings table of the token."""
        return str(Call(self.table, operation))

    async def read(self, operation: str, body: Mapping[str, Any], records: str = "") -> dict[str, Any]:
        """Call a reading operation; lost answers and server errors are tried again.

        What stands in the list ``records`` of the answer is left as JSON.
        """
        return await self.call(operation, body, policy=READ, records=records)

    async def write(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call a writing operation; only what Mews provably did not take is tried again."""
        return await self.call(operation, body, policy=WRITE_ONCE)

    async def call(
        self, operation: str, body: Mapping[str, Any], *, policy: RetryPolicy, records: str = ""
    ) -> dict[str, Any]:
        """Call ``operation`` (such as ``loyaltyTiers/add``) and return the answer's object.

        Raises NotSent, Lost (after a server error or an unreadable answer too), TooHeavy, Retryable when the
        limit is used up, Unauthorized, Conflict, or Permanent with Mews's own words as its ``detail``.
        """
        call = Call(self.table, operation)
        content = json.dumps({**self._tokens, **body}, ensure_ascii=False).encode()
        found: dict[str, Any] = {}

        async def attempt() -> Answer:
            nonlocal found
            if policy is WRITE_ONCE:
                await assure()  # at the last moment, after any wait for the limit
            answer = await self._client.send(
                "POST", _PATH + operation, content=content, headers=_HEADERS, operation=operation
            )
            self._heard(answer)
            if is_good(answer):
                found = data(answer, call, records)  # here, so that an unreadable answer is tried again as a lost one
            return answer

        answer = await send(
            attempt,
            policy,
            limiter=self._limiter,
            clock=self._clock,
            sleep=self._sleep,
            again=self._client.remote.retried,
        )
        if refused := refusal(answer, call, secrets=self._secrets, now=self._clock.now()):
            raise refused
        return found

    def pages(
        self,
        operation: str,
        body: Mapping[str, Any],
        key: str,
        *,
        count: int = LARGEST,
        cursor: str | None = None,
    ) -> AsyncIterator[Page[Any]]:
        """Walk the pages of a reading operation, newest to oldest; see ``pages.walk``."""
        return walk(self, operation, body, key, count=count, cursor=cursor)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _heard(self, answer: Answer) -> None:
        if answer.date is not None:
            self._server_time = answer.date
            self._skew = answer.date - self._clock.now()
