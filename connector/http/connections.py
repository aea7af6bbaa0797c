"""Connections to one remote system, each lent to one request at a time.

httpx's own pool looks at every connection before and after each request, and one that is cancelled while it connects
can leave that pool stuck for ever. Here a request has a connection alone, and one whose use broke off is closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


class _NoCookies(httpx.Cookies):
    """What a server wants remembered is not: our requests have keys, and no sessions."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Take nothing from an answer; httpx would make a request of the standard library for each."""


_NONE = _NoCookies()


class _Http(httpx.AsyncClient):
    """A client without cookies."""

    @property
    def cookies(self) -> httpx.Cookies:
        return _NONE

    @cookies.setter
    def cookies(self, _cookies: object) -> None:
        """Keep none."""


@dataclass(slots=True)
class Connections:
    """Those that nobody uses at present, the latest used last; ``settings`` are those of httpx's client.

    How many there are at a time is for the caller to bound.
    """

    settings: Callable[[], dict[str, Any]]
    idle: list[httpx.AsyncClient] = field(default_factory=list)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a connection; one with which anything went wrong is not lent again."""
        home = self.idle
        http = home.pop() if home else _Http(**self.settings())
        try:
            yield http
        except BaseException:
            await http.aclose()
            raise
        if home is self.idle:
            home.append(http)
        else:  # closed meanwhile
            await http.aclose()

    async def aclose(self) -> None:
        """Close them; the next request would open new ones."""
        idle, self.idle = self.idle, []
        for http in idle:
            await http.aclose()
