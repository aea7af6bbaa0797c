"""Credentials for requests: a key in a header, Basic, and OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import datetime, timedelta
from typing import Literal

import httpx

from connector.errors import NotSent, Unauthorized
from connector.http.answer import Answer
from connector.http.content import Unreadable, whole
from connector.ports import Clock
from connector.telemetry import redact
from connector.telemetry.clock import SystemClock

Auth = httpx.Auth
"""Anything that can authenticate a request, for those who do not know httpx."""

_TRANSIENT = frozenset({408, 429})
_UNAUTHORIZED = frozenset({401})
_TOKEN = re.compile(r"[\x20-\x7e]+")  # what a token may hold (RFC 6749, appendix A.12), and a header as well
_LONGEST = 1024 * 1024  # bytes of a token answer


class BasicAuth(httpx.Auth):
    """User and password on every request."""

    def __init__(self, user: str, password: str) -> None:
        redact.register(password)
        self._basic = httpx.BasicAuth(user, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        yield from self._basic.auth_flow(request)


class HeaderAuth(httpx.Auth):
    """One header with a secret on every request: a key, or a bearer token (``HeaderAuth.bearer``)."""

    def __init__(self, header: str, value: str) -> None:
        redact.register(value)
        self._header = header
        self._value = value

    @classmethod
    def bearer(cls, token: str) -> HeaderAuth:
        """Return the header of RFC 6750."""
        redact.register(token)
        return cls("Authorization", f"Bearer {token}")

    def __repr__(self) -> str:
        return f"HeaderAuth({self._header!r})"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers[self._header] = self._value
        yield request


class ClientCredentials(httpx.Auth):
    """A bearer token fetched with a client id and secret, shared by all requests.

    One fetch at a time; a new token ``early`` before the old one expires, and once when a request is
    answered with a status of ``stale``, by which the server may say that the token is over. ``lifetime`` is
    assumed when the answer lacks ``expires_in``. ``encoding`` says how the token request is written:
    ``form`` is what the standard says, ``json`` what some servers take as well. Raises Unauthorized when the
    credentials are not accepted and NotSent when no token could be had this time.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        audience: str = "",
        scope: str = "",
        encoding: Literal["form", "json"] = "form",
        early: timedelta = timedelta(seconds=60),
        lifetime: timedelta = timedelta(minutes=5),
        stale: frozenset[int] = _UNAUTHORIZED,
        clock: Clock | None = None,
    ) -> None:
        redact.register(client_secret)
        self._url = token_url
        grant = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        optional = {"audience": audience, "scope": scope}
        self._grant = grant | {name: value for name, value in optional.items() if value}
        self._encoding = encoding
        self._early = early
        self._lifetime = lifetime
        self._stale = stale
        self._clock = clock or SystemClock()
        self._lock = asyncio.Lock()
        self._token = ""
        self._refresh_at: datetime | None = None

    def __repr__(self) -> str:
        return f"ClientCredentials({httpx.URL(self._url).host!r})"

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the token, fetched first if need be."""
        async with self._lock:
            if self._is_stale():
                self._keep(await _whole((yield self._token_request())))
            token = self._bear(request)
        response = yield request
        if response.status_code not in self._stale:
            return
        await _read(response)
        async with self._lock:
            if self._token == token:  # else another request has fetched a new one meanwhile
                self._keep(await _whole((yield self._token_request())))
            self._bear(request)
        yield request

    def _is_stale(self) -> bool:
        return self._refresh_at is None or self._clock.now() >= self._refresh_at

    def _bear(self, request: httpx.Request) -> str:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return self._token

    def _token_request(self) -> httpx.Request:
        headers = {"Accept": "application/json"}
        if self._encoding == "json":
            return httpx.Request("POST", self._url, json=self._grant, headers=headers)
        return httpx.Request("POST", self._url, data=self._grant, headers=headers)

    def _keep(self, answer: Answer) -> None:
        grant = _grant(answer, self._clock.now())
        redact.forget(self._token)
        self._token = str(grant["access_token"])
        redact.register(self._token)
        lifetime = _seconds(grant.get("expires_in"), self._lifetime)
        self._refresh_at = self._clock.now() + lifetime - min(self._early, lifetime / 2)


async def _whole(response: httpx.Response) -> Answer:
    """Return an answer of the token endpoint; one that is longer than any token is none."""
    source = f"The token endpoint {response.request.url.host}"
    try:
        content = await _read(response)
    except Unreadable as error:
        raise NotSent(f"{source} gave no token: {error}.") from error
    return Answer(response.status_code, dict(response.headers.items()), content, source=source)


async def _read(response: httpx.Response) -> bytes:
    """Read what httpx would read before it sends the next request: it knows no bound."""
    response._content = content = await whole(response, _LONGEST)
    return content


def _grant(answer: Answer, now: datetime) -> Mapping[str, object]:
    """Return the token answer; an error names the endpoint and the error code, never what was sent."""
    if 300 <= answer.status < 500 and answer.status not in _TRANSIENT:
        what = f"{answer.source} answered {answer.status}{_code(answer)}"
        raise Unauthorized(f"{what}: check its address, the id and the secret.", status=answer.status)
    if not 200 <= answer.status < 300:
        raise NotSent(f"{answer.source} answered {answer.status}.", after=answer.retry_after(now))
    grant = _mapping(answer)
    token = grant.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NotSent(f"{answer.source} answered {answer.status} without an access token.")
    return grant


def _mapping(answer: Answer) -> Mapping[str, object]:
    try:
        decoded = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _code(answer: Answer) -> str:
    """Return the error code of RFC 6749, section 5.2, when it looks like one."""
    code = _mapping(answer).get("error")
    return f" ({code})" if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""


def _seconds(value: object, default: timedelta) -> timedelta:
    """Return a lifetime in seconds, written as a number or as text."""
    text = str(value) if isinstance(value, int | str) else ""
    seconds = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    return timedelta(seconds=seconds) if seconds else default
