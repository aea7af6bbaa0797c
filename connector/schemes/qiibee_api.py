"""Requests to qiibee's Loyalty API (docs.qiibee.com/api, "Users"): its users and their memberships at partners."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from connector.errors import ConnectorError, Lost, Permanent, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.retry import SERVER_ERROR, TOO_MANY
from connector.ports import Clock
from connector.schemes.json_request import JsonRequest, is_good, said

LONGEST_PAGE = 100  # documented as the most, and as what comes unless asked for less
_MISSING = 404


@dataclass(frozen=True, slots=True)
class QiibeeApi:
    """Two reading calls; ``client`` knows address and key.

    Both return the decoded answer, None for 404. Raises Unauthorized and Permanent (it will never answer this) and
    Unfinished (not this time, after some attempts), in one sentence that holds nothing of an answer: what stands there
    may be about members.
    """

    client: Client
    clock: Clock
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def users(self, offset: int) -> object:
        """Return a page of users: at most LONGEST_PAGE behind the first ``offset``."""
        return await self._get("users", f"users/?limit={LONGEST_PAGE}&offset={offset}")

    async def memberships(self, auth_id: str) -> object:
        """Return every membership of a user."""
        return await self._get("memberships", f"users/{quote(auth_id, safe='')}/memberships")

    async def _get(self, operation: str, path: str) -> object:
        request = JsonRequest(self.client, operation, path, "all users")
        answer = await request.answer(self.clock, self.sleep)
        if refused := _refusal(request, answer):
            raise refused
        return request.found


def _refusal(request: JsonRequest, answer: Answer) -> ConnectorError | None:
    """Return the error that a status means."""
    what = said(answer)
    if is_good(answer) or (answer.status == _MISSING and _is_json(answer)):
        return None
    if answer.status in (401, 403):
        text = f"scheme: {what}; expected scheme.api_key to be a key of the dashboard to which scheme.endpoint belongs."
        return Unauthorized(text, status=answer.status)
    if answer.status == TOO_MANY or answer.status >= SERVER_ERROR:
        return request.unfinished(what)
    return Permanent(f"scheme.endpoint: {what}; expected 200, as of qiibee's Loyalty API.", status=answer.status)


def _is_json(answer: Answer) -> bool:
    """Tell whether qiibee itself may have answered: 404 of a proxy, or of a wrong address, says nothing of users."""
    try:
        answer.json()
    except Lost:
        return False
    return True
