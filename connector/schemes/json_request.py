"""One reading request for JSON, tried again where that may help, and how its last attempt ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from connector.errors import Lost, NotSent, Retryable, Unfinished
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.http.retry import READ, send
from connector.ports import Clock

_HEADERS = {"Accept": "application/json"}


class JsonRequest:
    """A GET request; ``found`` is what a good answer held. ``expected`` ends the sentence when there is none."""

    def __init__(self, client: Client, operation: str, target: str, expected: str) -> None:
        self._client = client
        self._operation = operation
        self._target = target
        self._expected = expected
        self._outcome = ""
        self.found: object = None

    async def answer(self, clock: Clock, sleep: Callable[[float], Awaitable[object]]) -> Answer:
        """Return the answer, whatever its status; raises Unfinished when some attempts brought none."""
        try:
            again = self._client.remote.retried
            return await send(self._attempt, READ, limiter=Unlimited(), clock=clock, sleep=sleep, again=again)
        except Retryable:
            raise self.unfinished(self._outcome) from None

    def unfinished(self, what: str) -> Unfinished:
        """Return the error that says what was instead of the expected answer."""
        return Unfinished(f"scheme: {what.rstrip('.')}; expected {self._expected}, so nothing of it was applied.")

    async def _attempt(self) -> Answer:
        try:
            answer = await self._client.send("GET", self._target, headers=_HEADERS, operation=self._operation)
            self._outcome = said(answer)
            if is_good(answer):
                self.found = answer.json()  # here, so that an unreadable answer is tried again as a lost one
        except (Lost, NotSent) as error:
            self._outcome = str(error)
            raise
        return answer


def is_good(answer: Answer) -> bool:
    """Tell whether the answer has what was asked for."""
    return 200 <= answer.status < 300


def said(answer: Answer) -> str:
    """Return who answered what; nothing of the answer's own words, which may be about members."""
    return f"{answer.source} answered {answer.status}"
