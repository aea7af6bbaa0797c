"""Walking Mews's pages, newest to oldest (Connector API, "Pagination").

``Cursor`` of an answer is the id of its oldest item. A walk ends where the cursor is null or the page is
short, so until the last page the *older* part is unread: a watermark may move only then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from connector.errors import Lost, Permanent, Retryable
from connector.mews.answers import CursorRefused, TooHeavy
from connector.mews.payloads.records import Bad, Record, parse_each

LARGEST = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: its records, those set aside, the cursor to go on from, and whether it is the last.

    ``cursor`` is None on the last page only.
    """

    records: list[T]
    bad: list[Bad]
    cursor: str | None
    last: bool


class Reader(Protocol):
    """Whatever can call a reading operation of Mews."""

    def named(self, operation: str) -> str:
        """Return how messages name a call."""
        ...

    async def read(self, operation: str, body: Mapping[str, Any], records: str = "") -> dict[str, Any]:
        """Return the answer's object; what stands in its list ``records`` may be left as JSON."""
        ...


async def walk(
    reader: Reader, operation: str, body: Mapping[str, Any], key: str, *, count: int, cursor: str | None
) -> AsyncIterator[Page[Any]]:
    """Yield the pages of ``operation`` from ``cursor`` on; ``key`` names the list in the answer.

    Raises CursorRefused when Mews does not take a cursor, Retryable when its cursors go round in circles,
    Lost when the list is missing, TooHeavy when even one record is too much to ask for.
    """
    seen = {cursor}
    while True:
        answer, count = await _ask(reader, operation, body, key, count, cursor)
        page = _page(answer, reader.named(operation), key, count)
        if page.cursor in seen and not page.last:
            raise Retryable(f"{reader.named(operation)}: a page cursor came twice, a new one was expected")
        yield page
        if page.last:
            return
        cursor = page.cursor
        seen.add(cursor)


async def _ask(
    reader: Reader, operation: str, body: Mapping[str, Any], key: str, count: int, cursor: str | None
) -> tuple[dict[str, Any], int]:
    """Ask for one page, halving it while Mews finds it too heavy; return the count that worked too."""
    limitation = {"Count": count} if cursor is None else {"Count": count, "Cursor": cursor}
    try:
        return await reader.read(operation, {**body, "Limitation": limitation}, key), count
    except TooHeavy:
        if count == 1:
            raise
        return await _ask(reader, operation, body, key, count // 2, cursor)
    except Permanent as refused:
        if cursor is None or refused.status != HTTPStatus.BAD_REQUEST:
            raise
        raise CursorRefused(str(refused), status=refused.status, detail=refused.detail) from refused


def _page(answer: dict[str, Any], named: str, key: str, count: int) -> Page[Any]:
    records = answer.get(key)
    cursor = answer.get("Cursor")
    if not isinstance(records, list):
        raise Lost(f"{named}: the answer has no list {key}, which was expected")
    last = not (isinstance(cursor, str) and cursor) or len(records) < count
    return Page(records, [], None if last else cursor, last)


async def parsed(
    pages: AsyncIterator[Page[Any]], parser: Callable[[Record], T], kind: str, *, parent: str = ""
) -> AsyncIterator[Page[T]]:
    """Read the records of each page with ``parser``; see ``parse_each`` for ``kind`` and ``parent``."""
    async for page in pages:
        good, bad = parse_each(page.records, parser, kind, parent=parent)
        yield Page(good, bad, page.cursor, page.last)


async def everything(pages: AsyncIterator[Page[T]]) -> tuple[list[T], list[Bad]]:
    """Read all pages of a small list, such as programs or services."""
    records: list[T] = []
    bad: list[Bad] = []
    async for page in pages:
        records.extend(page.records)
        bad.extend(page.bad)
    return records, bad
