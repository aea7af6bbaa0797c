"""Requests to qiibee's Loyalty API (docs.qiibee.com/api, "Users"): its users and their memberships at partners."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from connector.errors import ConnectorError, Lost, NotSent, Permanent, Retryable, Unauthorized, Unfinished
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.http.retry import READ, SERVER_ERROR, TOO_MANY, send
from connector.ports import Clock

LONGEST_PAGE = 100  # documented as the most, and as what comes unless asked for less
_HEADERS = {"Accept": "application/json"}
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
        request = _Request(self.client, operation, path)
        try:
            answer = await send(request, READ, limiter=Unlimited(), clock=self.clock, sleep=self.sleep)
        except Retryable:
            raise _unfinished(request.outcome) from None
        if refused := _refusal(answer):
            raise refused
        return request.found


class _Request:
    """One request, as often as it is sent: what the last answer held, and how the last attempt ended."""

    def __init__(self, client: Client, operation: str, path: str) -> None:
        self._client = client
        self._operation = operation
        self._path = path
        self.found: object = None
        self.outcome = ""

    async def __call__(self) -> Answer:
        try:
            answer = await self._client.send("GET", self._path, headers=_HEADERS, operation=self._operation)
            self.outcome = f"{answer.source} answered {answer.status}"
            if _is_good(answer):
                self.found = answer.json()  # here, so that an unreadable answer is tried again as a lost one
        except (Lost, NotSent) as error:
            self.outcome = str(error)
            raise
        return answer


def _is_good(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _refusal(answer: Answer) -> ConnectorError | None:
    """Return the error that a status means."""
    what = f"{answer.source} answered {answer.status}"
    if _is_good(answer) or (answer.status == _MISSING and _is_json(answer)):
        return None
    if answer.status in (401, 403):
        text = f"scheme: {what}; expected scheme.api_key to be a key of the dashboard to which scheme.endpoint belongs."
        return Unauthorized(text, status=answer.status)
    if answer.status == TOO_MANY or answer.status >= SERVER_ERROR:
        return _unfinished(what)
    return Permanent(f"scheme.endpoint: {what}; expected 200, as of qiibee's Loyalty API.", status=answer.status)


def _is_json(answer: Answer) -> bool:
    """Tell whether qiibee itself may have answered: 404 of a proxy, or of a wrong address, says nothing of users."""
    try:
        answer.json()
    except Lost:
        return False
    return True


def _unfinished(what: str) -> Unfinished:
    return Unfinished(f"scheme: {what.rstrip('.')}; expected all users, so nothing of it was applied.")
