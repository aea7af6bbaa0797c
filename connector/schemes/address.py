"""Where a JSON API lists its members, and whether a link to more of them stays there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from connector.errors import Unfinished

_LONGEST = 8000  # characters of a link: what servers take
_NO_LINK = "scheme: the next page is no address; expected a link to it, so nothing of it was applied."
_ELSEWHERE = (
    "scheme: the next page is on another server; expected it on that of scheme.url, so nothing of it was applied."
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` is called as it stands; ``parameters`` go with every request but those that follow a link."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The server: everything before the path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def having(self, parameters: Mapping[str, str]) -> Address:
        """Return the same address with more parameters."""
        return replace(self, parameters={**self.parameters, **parameters})

    def target(self, parameters: Mapping[str, str]) -> str:
        """Return path and query of a request with these parameters too."""
        query = urlencode({**self.parameters, **parameters}, quote_via=quote)
        path = urlsplit(self.url).path
        return f"{path}?{query}" if query else path

    def follow(self, link: str, target: str) -> str:
        """Return path and query of a link, absolute or relative, that was found in the answer to ``target``.

        Raises Unfinished when it leads to another server: credentials are for this one only.
        """
        if len(link) > _LONGEST or not link.isprintable():
            raise Unfinished(_NO_LINK)
        try:
            there = urlsplit(urljoin(self.origin + target, link))
            stays = _server(there) == _server(urlsplit(self.url))
        except ValueError:
            raise Unfinished(_NO_LINK) from None
        if not stays:
            raise Unfinished(_ELSEWHERE)
        return f"{there.path}?{there.query}" if there.query else there.path


def _server(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
