"""A stream read window by window (``jobs/streams.py``) over the real store, Mews played by a list of records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs.chain import Chain
from connector.jobs.streams import LONGEST, OVERLAP, Stream, catch_up
from connector.mews.answers import CursorRefused
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import cursors, facts, suspense
from connector.store.cursors import Cursor
from connector.store.engine import Database
from tests.integration.store.makers import DAY, HASHER, MINUTE, NOW

BEGIN = NOW - 10 * DAY


class Crash(Exception):
    """The process dies."""


@dataclass
class StoppedClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Mews:
    """Records by update time, newest first in pages of two, half-open windows; a page mark is the oldest id given."""

    updated: dict[str, datetime]
    asked: list[tuple[Interval | None, str | None]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    bad: dict[str, Bad] = field(default_factory=dict)

    async def pages(self, interval: Interval | None, cursor: str | None) -> AsyncIterator[Page[str]]:
        self.asked.append((interval, cursor))
        while True:
            listed = self._listed(interval)
            if cursor is not None and (cursor in self.refuses or cursor not in listed):
                raise CursorRefused("the cursor is not known")
            rest = listed[listed.index(cursor) + 1 :] if cursor else listed
            page, last = rest[:2], len(rest) <= 2
            cursor = None if last else page[-1]
            good = [each for each in page if each not in self.bad]
            yield Page(good, [self.bad[each] for each in page if each in self.bad], cursor, last)
            if last:
                return

    def _listed(self, interval: Interval | None) -> list[str]:
        shown = self.updated
        if interval is not None:
            shown = {name: at for name, at in shown.items() if interval.start <= at < interval.end}
        return sorted(shown, key=lambda name: shown[name], reverse=True)


@dataclass
class Reader:
    """The stream under test; ``crash_on`` is the record at which saving dies, ``during`` what happens meanwhile."""

    database: Database
    mews: Mews
    begin: datetime | None = BEGIN
    crash_on: str | None = None
    moves: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    async def read(self, server_now: datetime = NOW) -> int:
        chain = Chain(self.database, StoppedClock(), "test", {}, frozenset(), HASHER, DAY, MINUTE)
        stream = Stream("records", "wien", self.begin, self.mews.pages, self._save)
        return await catch_up(chain, stream, server_now)

    async def _save(self, connection: AsyncConnection, records: list[str], _bad: list[Bad]) -> None:
        for each in records:
            await facts.write(connection, each, self.mews.updated[each].isoformat())
            if each in self.moves:
                moved, at = self.moves.pop(each)
                self.mews.updated[moved] = at
        if self.crash_on in records:
            raise Crash

    async def kept(self) -> set[str]:
        async with self.database.read() as connection:
            return {
                name for name, at in self.mews.updated.items() if await facts.read(connection, name) == at.isoformat()
            }

    async def cursor(self) -> Cursor:
        async with self.database.read() as connection:
            return await cursors.load(connection, "records", "wien")


def records(count: int) -> dict[str, datetime]:
    """``r1`` is the oldest; an hour lies between two."""
    return {f"r{number}": BEGIN + timedelta(hours=number) for number in range(1, count + 1)}


async def test_all_pages_of_a_window_are_read_and_the_watermark_is_its_end(database: Database) -> None:
    reader = Reader(database, Mews(records(7)))
    assert await reader.read() == 7
    assert await reader.kept() == set(reader.mews.updated)
    assert (await reader.cursor()).watermark == NOW


async def test_a_crash_in_the_middle_is_resumed_from_the_page_mark_and_loses_nothing(database: Database) -> None:
    reader = Reader(database, Mews(records(7)), crash_on="r3")
    with pytest.raises(Crash):
        await reader.read()
    left = await reader.cursor()
    assert (left.watermark, left.page, left.window_end) == (None, "r4", NOW)
    assert await reader.kept() == {"r7", "r6", "r5", "r4"}
    reader.crash_on = None
    assert await reader.read(NOW + DAY) == 3
    assert reader.mews.asked[1] == (Interval(BEGIN, NOW), "r4")
    assert await reader.kept() == set(reader.mews.updated)


async def test_a_crash_rolls_back_its_own_page(database: Database) -> None:
    reader = Reader(database, Mews(records(2)), crash_on="r1")
    with pytest.raises(Crash):
        await reader.read()
    assert await reader.kept() == set()
    assert await reader.cursor() == Cursor("records", "wien")


async def test_a_refused_page_mark_restarts_the_window(database: Database) -> None:
    reader = Reader(database, Mews(records(7)), crash_on="r3")
    with pytest.raises(Crash):
        await reader.read()
    reader.crash_on, reader.mews.refuses = None, {"r4"}
    reader.mews.asked.clear()
    with pytest.raises(CursorRefused):  # Mews refuses the same mark inside the restarted window too
        await reader.read()
    assert reader.mews.asked == [(Interval(BEGIN, NOW), "r4"), (Interval(BEGIN, NOW), None)]
    reader.mews.refuses = set()
    await reader.read()
    assert await reader.kept() == set(reader.mews.updated)
    assert (await reader.cursor()).watermark == NOW


async def test_a_record_updated_during_the_walk_is_not_lost(database: Database) -> None:
    later = NOW + MINUTE
    reader = Reader(database, Mews(records(6)), moves={"r6": ("r1", later)})
    await reader.read()
    assert "r1" not in await reader.kept()
    await reader.read(NOW + 10 * MINUTE)
    assert await reader.kept() == set(reader.mews.updated)


async def test_when_the_record_of_the_page_mark_moves_away_the_window_is_read_again(database: Database) -> None:
    reader = Reader(database, Mews(records(6)), moves={"r6": ("r5", NOW + MINUTE)})
    await reader.read()
    await reader.read(NOW + 10 * MINUTE)
    assert await reader.kept() == set(reader.mews.updated)


async def test_windows_overlap_so_that_a_record_that_shows_up_late_is_read(database: Database) -> None:
    reader = Reader(database, Mews(records(2)))
    await reader.read()
    reader.mews.updated["late"] = NOW - MINUTE
    await reader.read(NOW + MINUTE)
    assert reader.mews.asked[-1] == (Interval(NOW - OVERLAP, NOW + MINUTE), None)
    assert "late" in await reader.kept()


async def test_a_long_history_is_read_in_windows_that_mews_accepts(database: Database) -> None:
    reader = Reader(database, Mews({"old": NOW - 399 * DAY, "new": NOW - DAY}), begin=NOW - 400 * DAY)
    await reader.read()
    intervals = [interval for interval, _ in reader.mews.asked if interval]
    assert len(intervals) == 5
    assert all(each.end - each.start <= LONGEST == timedelta(days=89) for each in intervals)
    assert all(later.start <= earlier.end for earlier, later in pairwise(intervals))
    assert (intervals[0].start, intervals[-1].end) == (NOW - 400 * DAY, NOW)
    assert await reader.kept() == {"old", "new"}


async def test_a_stream_without_a_beginning_is_first_read_without_a_time_filter(database: Database) -> None:
    reader = Reader(database, Mews({"ancient": NOW - 4000 * DAY}), begin=None)
    await reader.read()
    assert reader.mews.asked == [(None, None)]
    assert await reader.kept() == {"ancient"}


async def test_a_stream_that_is_up_to_date_asks_nothing(database: Database) -> None:
    reader = Reader(database, Mews(records(2)))
    await reader.read()
    reader.mews.asked.clear()
    assert await reader.read() == 0
    assert reader.mews.asked == []


async def test_a_record_that_cannot_be_read_becomes_a_case_and_the_rest_goes_on(database: Database) -> None:
    bad = Bad("record", "r2", "record r2 of Mews: its state is missing")
    reader = Reader(database, Mews(records(3), bad={"r2": bad}))
    assert await reader.read() == 3
    assert await reader.kept() == {"r1", "r3"}
    async with database.read() as connection:
        (case,) = [each.case for each in await suspense.listing(connection)]
    assert (case.subject_kind, case.subject_id, case.reason) == ("record", "r2", "unreadable")
    assert case.text == f"{bad.text}; it is left alone until it can be read: correct it in Mews, or report this line."
