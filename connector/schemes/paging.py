"""How the pages of a listing are asked for, one after the other, and when there are no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from connector.errors import Misconfigured, Unfinished
from connector.schemes.address import Address
from connector.schemes.plain import NotText, kind_of, text_of
from connector.schemes.records import at

CIRCLES = "scheme: the listing goes in circles; expected every page once, so nothing of it was applied."


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the whole of it, its members as they came, and what it says of the listing.

    ``total`` is the number of all members, ``link`` the next page by the Link header, ``date`` the server's.
    """

    answer: object = None
    records: list[object] = field(default_factory=list)
    total: int | None = None
    link: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One request; ``probe``: it only asks whether there is such a page."""

    target: str
    probe: bool = False


class Paginator(Protocol):
    """The requests of one reading."""

    def first(self) -> Step:
        """Return the first request."""
        ...

    def after(self, page: Page) -> Step | None:
        """Return the request after the one that brought ``page``, None after the last."""
        ...


@dataclass(frozen=True, slots=True)
class Paging:
    """How pages are asked for: the parameters' names, and where an answer names the next page.

    ``first`` is the number of the first page; ``next`` is a path in an answer, "" with links for the Link header.
    """

    kind: Literal["none", "page", "offset", "cursor", "link"] = "none"
    size: int = 500
    size_parameter: str = "limit"
    parameter: str = "page"
    first: int = 1
    next: str = ""

    @property
    def sized(self) -> dict[str, str]:
        """The parameter with the size of a page."""
        return {self.size_parameter: str(self.size)} if self.size_parameter else {}

    def paginator(self, address: Address) -> Paginator:
        """Return the paginator of one reading."""
        match self.kind:
            case "none":
                return Whole(address)
            case "page" | "offset":
                return Counted(address, self)
            case "cursor":
                return Cursors(address, self)
            case "link":
                return Links(address, self)


class Whole:
    """One answer with all members."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def first(self) -> Step:
        """Return the only request."""
        return Step(self._address.target({}))

    def after(self, page: Page) -> None:
        """Return that there is no more; raises Misconfigured when the answer says otherwise."""
        if page.link:
            raise Misconfigured(
                "scheme.paging: the answer links to a next page; expected another way of paging than none."
            )


class Counted:
    """Pages by number or, with ``kind = "offset"``, by how many members came before.

    Without a total the listing ends at an empty page, or one that is shorter than the first. A first page that is
    shorter than asked for may be as long as this server makes them, so that the second is asked for to know.
    """

    def __init__(self, address: Address, paging: Paging) -> None:
        self._address = address
        self._paging = paging
        self._place = paging.first if paging.kind == "page" else 0
        self._read = self._told = self._length = 0

    def first(self) -> Step:
        """Return the request of the first page."""
        return self._step(probe=False)

    def after(self, page: Page) -> Step | None:
        """Return the request of the next page; raises Unfinished when members may have moved to pages before it."""
        count = len(page.records)
        is_short_first = not self._length and count < self._paging.size
        self._length = self._length or min(count, self._paging.size)
        self._read += count
        self._place += 1 if self._paging.kind == "page" else count
        return self._step(probe=is_short_first) if count and self._goes_on(count, page.total) else None

    def _goes_on(self, count: int, total: int | None) -> bool:
        if total is None:
            return count >= self._length
        if total < self._told:
            raise Unfinished(
                "scheme: the listing became shorter while it was read, so that somebody may have been passed over; "
                "expected everybody, so nothing of it was applied."
            )
        self._told = total
        return self._read < total

    def _step(self, *, probe: bool) -> Step:
        return Step(self._address.target({**self._paging.sized, self._paging.parameter: str(self._place)}), probe)


class Cursors:
    """Each answer names the cursor of the next page."""

    def __init__(self, address: Address, paging: Paging) -> None:
        self._address = address
        self._paging = paging
        self._seen: set[int] = set()

    def first(self) -> Step:
        """Return the request without a cursor."""
        return Step(self._address.target(self._paging.sized))

    def after(self, page: Page) -> Step | None:
        """Return the request with the next cursor; raises Unfinished when it came before."""
        cursor = _next(page.answer, self._paging.next)
        if not cursor:
            return None
        _once(cursor, self._seen)
        return Step(self._address.target({**self._paging.sized, self._paging.parameter: cursor}))


class Links:
    """Each answer links to the next page, in its content or in its Link header."""

    def __init__(self, address: Address, paging: Paging) -> None:
        self._address = address
        self._paging = paging
        self._target = address.target(paging.sized)
        self._seen = {hash(self._target)}

    def first(self) -> Step:
        """Return the request of the first page."""
        return Step(self._target)

    def after(self, page: Page) -> Step | None:
        """Return the linked request; raises Unfinished when it was made before or is for another server."""
        link = _next(page.answer, self._paging.next) if self._paging.next else page.link
        if not link:
            return None
        self._target = self._address.follow(link, self._target)
        _once(self._target, self._seen)
        return Step(self._target)


def _once(token: str, seen: set[int]) -> None:
    if hash(token) in seen:
        raise Unfinished(CIRCLES)
    seen.add(hash(token))


def _next(answer: object, path: str) -> str:
    value = at_path(answer, path, "next")
    try:
        return "" if value is False else text_of(value).strip()
    except NotText as what:
        raise Unfinished(f"scheme.next: what stands there {what}, so nothing of it was applied.") from None


def at_path(answer: object, path: str, key: str) -> object:
    """Return what stands at a path of an answer, None where there is nothing; raises Unfinished if there is no way."""
    if not isinstance(answer, dict):
        raise Unfinished(
            f"scheme.{key}: the answer is {kind_of(answer)}; expected an object, so nothing of it was applied."
        )
    try:
        return at(answer, path)
    except NotText as what:
        raise Unfinished(f"scheme.{key}: it {what}, so nothing of it was applied.") from None
