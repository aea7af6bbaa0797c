"""Reading a stream of Mews window by window, so that a crash at any moment loses nothing and repeats little."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs.chain import Chain
from connector.mews.answers import CursorRefused
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import cursors, suspense
from connector.store.cursors import Cursor
from connector.store.suspense import Case

T = TypeVar("T")

LONGEST = timedelta(days=89)  # "at most 3 months" by every calendar
UNREADABLE = "unreadable"
OVERLAP = timedelta(minutes=5)  # a record can become visible some seconds after its update time


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """One stream of records, kept current by their update time.

    ``begin`` is where the first window starts; None reads the whole listing first, without a time filter. ``pages``
    walks one window from a page mark on; ``save`` stores one page's records and those that could not be read.
    """

    name: str
    scope: str
    begin: datetime | None
    pages: Callable[[Interval | None, str | None], AsyncIterator[Page[T]]]
    save: Callable[[AsyncConnection, list[T], list[Bad]], Awaitable[None]]


async def catch_up(chain: Chain, stream: Stream[T], server_now: datetime) -> int:
    """Read a stream up to Mews's present; return how many records came.

    A window that a crash left open is finished first, from its last page mark on.
    """
    async with chain.database.read() as connection:
        cursor = await cursors.load(connection, stream.name, stream.scope)
    read = cursor.rows_read
    while cursor.window_is_open or _is_behind(cursor, server_now):
        if not cursor.window_is_open:
            cursor = _next_window(cursor, stream.begin, server_now)
        cursor = await _read_window(chain, stream, cursor)
    return cursor.rows_read - read


def _is_behind(cursor: Cursor, server_now: datetime) -> bool:
    return cursor.watermark is None or cursor.watermark < server_now


def _next_window(cursor: Cursor, begin: datetime | None, server_now: datetime) -> Cursor:
    start = begin if cursor.watermark is None else cursor.watermark - OVERLAP
    if start is None:
        return cursor.opened(None, server_now)
    return cursor.opened(start, min(server_now, start + LONGEST))


async def _read_window(chain: Chain, stream: Stream[T], cursor: Cursor) -> Cursor:
    try:
        return await _read_pages(chain, stream, cursor)
    except CursorRefused:
        return await _read_pages(chain, stream, replace(cursor, page=None))


async def _read_pages(chain: Chain, stream: Stream[T], cursor: Cursor) -> Cursor:
    interval = None if cursor.window_start is None else Interval(cursor.window_start, _end(cursor))
    async for page in stream.pages(interval, cursor.page):
        cursor = cursor.turned(page.cursor, len(page.records) + len(page.bad))
        now = chain.clock.now()
        async with chain.database.write() as connection:
            await stream.save(connection, page.records, page.bad)
            await suspense.open_cases(connection, [unreadable(bad) for bad in page.bad], now)
            await cursors.save(connection, cursor, now)
        chain.progress(f"reading {stream.name.replace('_', ' ')}", len(page.records))
    return cursor


def _end(cursor: Cursor) -> datetime:
    assert cursor.window_end is not None  # noqa: S101  # an open window has an end
    return cursor.window_end


def unreadable(bad: Bad) -> Case:
    """Return the case of a record that Mews sent and we cannot use."""
    text = f"{bad.text}; it is left alone until it can be read: correct it in Mews, or report this line."
    return Case(bad.kind, bad.id or "unknown", UNREADABLE, text)
