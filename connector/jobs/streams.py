"""Reading a stream of Mews window by window, so that a crash at any moment loses nothing and repeats little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConnectorError, Unfinished
from connector.jobs.chain import Chain
from connector.jobs.windows import LONGEST, OVERLAP, Span
from connector.mews.answers import CursorRefused, TooHeavy
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import cursors, suspense
from connector.store.cursors import Cursor
from connector.store.suspense import Case

T = TypeVar("T")

_log = structlog.get_logger(__name__)

UNREADABLE = "unreadable"
TOGETHER = 10
"""Pages that share a transaction, which costs more than storing one does; a crash repeats no more than these."""
_AHEAD = "it was read up to a moment that is still to come, by a clock that was wrong"
_NOTED = OVERLAP / 5  # a window that ends so far in Mews's future is cut; what is less, the overlap covers
_STRANGE = timedelta(hours=1)  # a watermark so far ahead of Mews is of a clock that was wrong


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """One stream of records, kept current by their update time.

    ``begin`` is where the first window starts; None reads the whole listing first, without a time filter. ``pages``
    walks one window from a page mark on; ``save`` stores one page's records and those that could not be read, of which
    a person hears where the stream ``tells`` of it.
    """

    name: str
    scope: str
    begin: datetime | None
    pages: Callable[[Interval | None, str | None], AsyncIterator[Page[T]]]
    save: Callable[[AsyncConnection, list[T], list[Bad]], Awaitable[None]]
    tells: bool = True


async def catch_up(chain: Chain, stream: Stream[T], server_now: datetime) -> int:
    """Read a stream up to Mews's present; return how many records came.

    A window that a crash left open is finished first, from its last page mark on.
    """
    async with chain.database.read() as connection:
        cursor = await cursors.load(connection, stream.name, stream.scope)
    return await _Reading(chain, stream, server_now, cursors.save).read(cursor)


async def read_again(chain: Chain, stream: Stream[T], period: Interval) -> int:
    """Read a period of a stream, whatever its cursor says, and leave that as it is; return how many records came."""
    reading = _Reading(chain, replace(stream, begin=period.start), period.end, _keep_nothing)
    return await reading.read(Cursor(stream.name, stream.scope))


async def _keep_nothing(_connection: AsyncConnection, _cursor: Cursor, _now: datetime) -> None:
    pass


@dataclass(slots=True)
class _Reading(Generic[T]):
    """A stream on its way to ``end``; ``keep`` stores how far it came, in the transaction of each page.

    ``end`` is an estimate, by this machine's clock and how far Mews's was ahead of it at its last answer. A clock that
    was set since makes it a moment that is still to come, so the first answer of a window may lower it.
    """

    chain: Chain
    stream: Stream[T]
    end: datetime
    keep: Callable[[AsyncConnection, Cursor, datetime], Awaitable[None]]

    @property
    def span(self) -> Span:
        return self.chain.spans[self.stream.name, self.stream.scope]

    async def read(self, cursor: Cursor) -> int:
        """Read window by window from a cursor on."""
        before = cursor.rows_read
        if cursor.watermark is not None and cursor.watermark > self.end + _STRANGE:
            _log.warning("a stream is read from its beginning", stream=cursor.stream, of=cursor.scope, why=_AHEAD)
            cursor = replace(cursor, watermark=None, window_start=None, window_end=None, page=None)
        while cursor.window_is_open or cursor.watermark is None or cursor.watermark < self.end:
            if not cursor.window_is_open:
                cursor = self._next_window(cursor)
            cursor = await self._read_window(cursor)
        return cursor.rows_read - before

    def _next_window(self, cursor: Cursor) -> Cursor:
        start = self.stream.begin if cursor.watermark is None else cursor.watermark - OVERLAP
        if start is None:
            return cursor.opened(None, self.end)
        return cursor.opened(start, min(self.end, start + LONGEST, _news(cursor, start) + self.span.longest))

    async def _read_window(self, cursor: Cursor) -> Cursor:
        """Read the open window, or return a shorter one when Mews finds it too heavy."""
        try:
            read = await self._read_from_mark(cursor)
        except TooHeavy as heavy:
            return self._shorter(cursor, heavy)
        self.span.taken()
        return read

    async def _read_from_mark(self, cursor: Cursor) -> Cursor:
        try:
            return await self._read_pages(cursor)
        except CursorRefused:
            return await self._read_pages(replace(cursor, page=None))

    def _shorter(self, cursor: Cursor, heavy: TooHeavy) -> Cursor:
        """Return the window with half of its new part; what was read of its newer half is read again."""
        start = cursor.window_start
        if start is None:
            raise Unfinished(
                f"{heavy}; the first reading of {self.stream.name} has no time filter that could be narrower, "
                "so it is tried again by the next pass"
            ) from heavy
        news = _news(cursor, start)
        if not self.span.too_heavy(_end(cursor) - news):
            raise heavy
        return cursor.opened(start, news + self.span.longest)

    async def _read_pages(self, cursor: Cursor) -> Cursor:
        """Read the open window from its page mark on; pages that came before an error are stored too.

        The next pages are asked for while the last ones are stored.
        """
        interval = None if cursor.window_start is None else Interval(cursor.window_start, _end(cursor))
        read: list[Page[T]] = []
        begins = cursor.page is None
        storing = asyncio.ensure_future(self._store(cursor, []))
        try:
            async for page in self.stream.pages(interval, cursor.page):
                if begins:
                    storing = asyncio.ensure_future(self._store(self._cut(await storing), []))
                    begins = False
                read.append(page)
                if len(read) == TOGETHER:
                    storing = asyncio.ensure_future(self._store(await storing, read))
                    read = []
        except ConnectorError:
            await self._store(await storing, read)
            raise
        finally:
            await asyncio.wait([storing])
        return await self._store(await storing, read)

    def _cut(self, cursor: Cursor) -> Cursor:
        """Return the window, ended where Mews's clock stands if it would end later: what comes then is not read yet."""
        heard = self.chain.heard
        if heard is None or _end(cursor) <= heard + _NOTED:
            return cursor
        self.end = min(self.end, heard)
        return replace(cursor, window_end=heard)

    async def _store(self, cursor: Cursor, pages: Sequence[Page[T]]) -> Cursor:
        """Store pages and how far the stream is read with them, in one transaction; return that."""
        if not pages:
            return cursor
        records = [record for page in pages for record in page.records]
        bad = [each for page in pages for each in page.bad]
        cursor = cursor.turned(pages[-1].cursor, len(records) + len(bad))
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            await self.stream.save(connection, records, bad)
            await suspense.open_cases(connection, [unreadable(each) for each in bad if self.stream.tells], now)
            await self.keep(connection, cursor, now)
        self.chain.progress(f"reading {self.stream.name.replace('_', ' ')}", len(records))
        return cursor


def _news(cursor: Cursor, start: datetime) -> datetime:
    """Return where a window goes beyond what was read: its overlap must not be all of it."""
    return start if cursor.watermark is None else cursor.watermark


def _end(cursor: Cursor) -> datetime:
    assert cursor.window_end is not None  # noqa: S101  # an open window has an end
    return cursor.window_end


def unreadable(bad: Bad) -> Case:
    """Return the case of a record that Mews sent and we cannot use."""
    text = f"{bad.text}; it is left alone until it can be read: correct it in Mews, or report this line."
    return Case(bad.kind, bad.id or "unknown", UNREADABLE, text)
