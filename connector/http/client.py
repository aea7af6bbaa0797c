"""One attempt of one request over HTTP, and what it means when there is no answer."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from time import monotonic
from typing import Any

import httpx
import structlog

from connector.errors import Lost, NotSent
from connector.http.answer import Answer
from connector.http.connections import Connections
from connector.http.content import ACCEPTED, Unreadable, whole
from connector.http.remote import Remote
from connector.http.route import Route
from connector.telemetry.redact import scrub
from connector.telemetry.tracing import span

__all__ = ["Answer", "Client", "Timeouts"]

_log = structlog.get_logger(__name__)
_plain_log = logging.getLogger(__name__)  # tells in a hundredth of the time whether anybody wants to read about answers

# httpcore tries to import it four times a request, and Python would look through every folder for it each time
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # the word of importlib for what is not there

_GOES_OUT = "http11.send_request_headers.started"  # httpcore's word, whether to the other side or to a proxy
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_WORDS = (  # the first kind that fits
    (httpx.PoolTimeout, "no connection was free"),
    (httpx.ConnectTimeout, "connecting took too long"),
    (httpx.TimeoutException, "the other side was silent for too long"),
    (TimeoutError, "the time of {seconds:g} s was over"),
    (httpx.ConnectError, "no connection was made ({error})"),
    (httpx.ProxyError, "the proxy made no connection ({error})"),
    (Unreadable, "{error}"),
    (ssl.SSLError, "the other side did not go on with TLS ({error})"),
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each step of a request; ``read`` and ``write`` hold for every single read or write."""

    connect: float = 5.0
    read: float = 60.0
    write: float = 30.0
    pool: float = 5.0


@dataclass(slots=True)
class _Attempt:
    """One request on its way; ``left`` once the network has it, which its token request is not."""

    where: str
    seconds: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=monotonic)
    left: bool = False

    async def follow(self, event: str, told: Mapping[str, Any]) -> None:
        """Notice when the request itself goes out, and not only the word to a proxy that asks for a connection."""
        self.left = self.left or (event == _GOES_OUT and told["request"].method != b"CONNECT")


class Client:
    """Requests to one remote system, at most ``max_connections`` at a time.

    ``requests`` counts what was handed to the network, token requests included; ``bytes_sent`` counts request
    bodies, ``bytes_received`` answer bodies as they came over the wire. Redirects are answers, not followed.
    ``route`` says how the system is reached; proxies and certificates of the environment do not count.
    """

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        auth: httpx.Auth | None = None,
        max_connections: int = 8,
        timeouts: Timeouts = Timeouts(),
        deadline: float = 90.0,
        user_agent: str = "loyalty-connector",
        max_answer: int = 64 * 1024 * 1024,
        route: Route | None = None,
        remote: Remote | None = None,
    ) -> None:
        self.name = name
        self.remote = remote or Remote()
        self.requests = self.bytes_sent = self.bytes_received = 0
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        self._timeouts = timeouts
        self._deadline = deadline
        self._user_agent = user_agent
        self._max_answer = max_answer
        self.route = route or Route()
        self._tls: ssl.SSLContext | None = None
        self._slots = asyncio.Semaphore(max_connections)
        self._connections = Connections(self._settings)

    async def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        operation: str,
        deadline: float | None = None,
    ) -> Answer:
        """Send once and return the answer, whatever its status.

        ``path`` is relative to the base URL; ``operation`` names the request in logs and messages.
        ``deadline`` (seconds) bounds everything, the wait for a free connection included. Raises NotSent when
        the request provably never left, Lost for every later failure.
        """
        seconds = self._deadline if deadline is None else deadline
        attempt = _Attempt(f"{self.name} ({operation})", seconds)
        with span("request", system=self.remote.system, operation=operation) as told:
            try:
                async with asyncio.timeout(seconds), self._slots, self._connections.lent() as http:
                    request = http.build_request(
                        method,
                        self._url(path),
                        content=content,
                        headers=headers,
                        extensions={"attempt": attempt} | ({"trace": attempt.follow} if self.route.proxy else {}),
                    )
                    answer = await self._exchange(http, request, attempt)
            except (httpx.HTTPError, OSError) as error:
                failure = _failure(error, attempt)
                self.remote.unanswered(failure)
                told.tell(outcome=type(failure).__name__)
                raise failure from error
            told.tell(status=answer.status)
        if _plain_log.isEnabledFor(logging.DEBUG):
            theirs = answer.headers.get("request-id")
            _log.debug("answered", **_summary(attempt), status=answer.status, theirs=theirs)
        return answer

    async def aclose(self) -> None:
        """Close the connections; the next request would open new ones."""
        await self._connections.aclose()

    def _url(self, path: str) -> httpx.URL:
        # httpx's own base_url would add a slash to an endpoint that is used as it is
        return _parsed(f"{self._base_url}/{path.lstrip('/')}" if path else self._base_url)

    async def _exchange(self, http: httpx.AsyncClient, request: httpx.Request, attempt: _Attempt) -> Answer:
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            content = await whole(response, self._max_answer)
        finally:
            self.bytes_received += response.num_bytes_downloaded
            await response.aclose()
        return Answer(
            status=response.status_code,
            headers=dict(response.headers.items()),
            content=content,
            request_id=attempt.request_id,
            source=attempt.where,
        )

    async def _departs(self, request: httpx.Request) -> None:
        self.requests += 1
        self.bytes_sent += int(request.headers.get("content-length", "0"))
        attempt = request.extensions.get("attempt")
        if isinstance(attempt, _Attempt):
            attempt.left = "trace" not in request.extensions

    async def _arrives(self, response: httpx.Response) -> None:
        self.remote.answered(response.status_code)

    def _settings(self) -> dict[str, Any]:
        times, self._tls = self._timeouts, self._tls or self.route.tls()
        return {
            "auth": self._auth,
            "verify": self._tls,
            "mounts": self.route.mounts(self._tls),
            "headers": {"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED},
            "timeout": httpx.Timeout(connect=times.connect, read=times.read, write=times.write, pool=times.pool),
            "event_hooks": {"request": [self._departs], "response": [self._arrives]},
            "trust_env": False,
        }


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _failure(error: Exception, attempt: _Attempt) -> Lost | NotSent:
    why = _words(error, attempt.seconds)
    _log.debug("unanswered", **_summary(attempt), left=attempt.left, why=why)
    if not attempt.left or isinstance(error, _NEVER_LEFT):
        return NotSent(f"{attempt.where}: the request was not sent, {why}.")
    return Lost(f"{attempt.where}: the request was sent but no whole answer came, {why}.")


def _words(error: Exception, seconds: float) -> str:
    words = next((words for kind, words in _WORDS if isinstance(error, kind)), "the connection broke")
    return words.format(error=scrub(str(error)), seconds=seconds)  # these words are stored, not only logged


def _summary(attempt: _Attempt) -> dict[str, object]:
    seconds = round(monotonic() - attempt.started, 3)
    return {"request": attempt.request_id, "to": attempt.where, "seconds": seconds}
