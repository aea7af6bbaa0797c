"""A stream read window by window (``jobs/streams.py``) over the real store, Mews played by a list of records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Lost, Unfinished
from connector.jobs import streams
from connector.jobs.chain import Chain
from connector.jobs.streams import Stream, catch_up, read_again
from connector.jobs.windows import LONGEST, OVERLAP, SHORTEST, Span
from connector.mews.answers import CursorRefused, TooHeavy
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import cursors, facts, suspense
from connector.store.cursors import Cursor
from connector.store.engine import Database
from tests.integration.store.makers import DAY, HASHER, MINUTE, NOW

BEGIN = NOW - 10 * DAY


@pytest.fixture(autouse=True)
def _one_page_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page end a transaction: so the moments between pages are as many as can be."""
    monkeypatch.setattr(streams, "TOGETHER", 1)


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
    loses: set[str] = field(default_factory=set)  # the page marks after which no answer comes
    bears: int | None = None  # how many records a window may hold, and be listed

    async def pages(self, interval: Interval | None, cursor: str | None) -> AsyncIterator[Page[str]]:
        self.asked.append((interval, cursor))
        while True:
            if cursor is not None and cursor in self.loses:
                raise Lost("Mews records/getAll: no answer")
            listed = self._listed(interval)
            if self.bears is not None and len(listed) > self.bears:
                raise TooHeavy("Mews records/getAll: HTTP 408; the request was too heavy")
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
    chain: Chain = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start (again), as a new process would."""
        self.chain = Chain(self.database, StoppedClock(), "test", {}, frozenset(), HASHER, DAY, MINUTE)

    async def read(self, server_now: datetime = NOW) -> int:
        return await catch_up(self.chain, self._stream(), server_now)

    async def again(self, start: datetime, end: datetime) -> int:
        """Read a period again."""
        return await read_again(self.chain, self._stream(), Interval(start, end))

    def _stream(self) -> Stream[str]:
        return Stream("records", "wien", self.begin, self.mews.pages, self._save)

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
    assert all(each.end - each.start <= LONGEST for each in intervals)
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


class TestTooHeavy:
    async def test_windows_shrink_until_mews_takes_them_and_nothing_is_lost(self, database: Database) -> None:
        reader = Reader(database, Mews(records(24), bears=7))
        assert await reader.read() >= 24
        assert await reader.kept() == set(reader.mews.updated)
        assert (await reader.cursor()).watermark == NOW
        spans = [each.end - each.start for each, _ in reader.mews.asked if each]
        assert spans[:4] == [10 * DAY, 5 * DAY, 2.5 * DAY, 1.25 * DAY]

    async def test_the_process_remembers_what_mews_took(self, database: Database) -> None:
        reader = Reader(database, Mews(records(24), bears=7))
        await reader.read()
        reader.mews.asked.clear()
        await reader.read(NOW + DAY)
        assert len(reader.mews.asked) > 1
        refused = [each for each, _ in reader.mews.asked if each and each.end - each.start > DAY]
        assert refused == []

    async def test_in_the_middle_of_a_window_the_older_half_is_next_and_the_newer_half_is_read_again(
        self, database: Database
    ) -> None:
        mews = Mews(records(8))
        reader = Reader(database, mews, crash_on="r5")
        with pytest.raises(Crash):
            await reader.read()
        left = await reader.cursor()
        assert (left.page, left.watermark) == ("r7", None)
        reader.crash_on, mews.bears = None, 6
        reader.start()
        mews.asked.clear()
        await reader.read(NOW + DAY)
        assert mews.asked[:2] == [(Interval(BEGIN, NOW), "r7"), (Interval(BEGIN, NOW - 5 * DAY), None)]
        assert await reader.kept() == set(mews.updated)
        assert (await reader.cursor()).watermark == NOW + DAY

    async def test_a_crash_in_a_shorter_window_is_resumed_there(self, database: Database) -> None:
        updated = {f"r{number}": BEGIN + timedelta(days=number, hours=1) for number in range(10)}
        reader = Reader(database, Mews(updated, bears=5), crash_on="r1")
        with pytest.raises(Crash):
            await reader.read()
        left = await reader.cursor()
        assert (left.window_start, left.window_end, left.page) == (BEGIN, BEGIN + 5 * DAY, "r3")
        reader.crash_on = None
        reader.start()
        await reader.read()
        assert await reader.kept() == set(updated)

    async def test_a_window_of_little_more_than_the_overlap_shrinks_in_its_new_part_only(
        self, database: Database
    ) -> None:
        mews = Mews({"old": NOW - 4 * MINUTE})
        reader = Reader(database, mews)
        await reader.read()
        mews.updated |= {f"n{number}": NOW + number * MINUTE for number in range(4)}
        mews.bears = 4
        mews.asked.clear()
        await reader.read(NOW + 4 * MINUTE)
        assert mews.asked[:2] == [
            (Interval(NOW - OVERLAP, NOW + 4 * MINUTE), None),
            (Interval(NOW - OVERLAP, NOW + 2 * MINUTE), None),
        ]
        assert await reader.kept() == set(mews.updated)

    async def test_what_is_too_heavy_within_a_minute_ends_the_reading_and_moves_nothing(
        self, database: Database
    ) -> None:
        reader = Reader(database, Mews({f"r{number}": BEGIN for number in range(3)}, bears=2))
        with pytest.raises(TooHeavy, match="HTTP 408"):
            await reader.read()
        shortest, _ = reader.mews.asked[-1]
        assert shortest == Interval(BEGIN, BEGIN + SHORTEST)
        assert await reader.cursor() == Cursor("records", "wien")

    async def test_a_listing_without_a_time_filter_cannot_shrink_and_says_so_in_one_sentence(
        self, database: Database
    ) -> None:
        reader = Reader(database, Mews(records(3), bears=2), begin=None)
        with pytest.raises(Unfinished, match="the first reading of records has no time filter that could be narrower"):
            await reader.read()
        assert len(reader.mews.asked) == 1

    def test_a_span_grows_again_after_twenty_windows_but_never_beyond_what_mews_allows(self) -> None:
        span = Span()
        assert span.too_heavy(4 * DAY)
        for _ in range(19):
            span.taken()
        assert span.longest == 2 * DAY
        span.taken()
        assert span.longest == 4 * DAY
        for _ in range(200):
            span.taken()
        assert span.longest == LONGEST


class TestReadAgain:
    async def test_a_period_is_read_whatever_the_cursor_says_and_the_cursor_stays(self, database: Database) -> None:
        reader = Reader(database, Mews(records(7)))
        await reader.read()
        before = await reader.cursor()
        reader.mews.asked.clear()
        assert await reader.again(BEGIN + timedelta(hours=2), BEGIN + timedelta(hours=5)) == 3
        assert [interval for interval, _ in reader.mews.asked] == [
            Interval(BEGIN + timedelta(hours=2), BEGIN + timedelta(hours=5))
        ]
        assert await reader.cursor() == before

    async def test_a_window_that_is_half_read_is_left_where_it_is(self, database: Database) -> None:
        reader = Reader(database, Mews(records(7)), crash_on="r3")
        with pytest.raises(Crash):
            await reader.read()
        left = await reader.cursor()
        reader.crash_on = None
        await reader.again(BEGIN, NOW)
        assert await reader.cursor() == left

    async def test_a_long_period_goes_window_by_window(self, database: Database) -> None:
        reader = Reader(database, Mews({"old": NOW - 199 * DAY, "new": NOW - DAY}))
        assert await reader.again(NOW - 200 * DAY, NOW) == 2
        intervals = [interval for interval, _ in reader.mews.asked if interval]
        assert len(intervals) == 3
        assert all(each.end - each.start <= LONGEST for each in intervals)
        assert await reader.kept() == {"old", "new"}


class TestPagesTogether:
    """Several pages share a transaction."""

    @pytest.fixture(autouse=True)
    def _two_pages(self, monkeypatch: pytest.MonkeyPatch, _one_page_in_a_transaction: None) -> None:
        monkeypatch.setattr(streams, "TOGETHER", 2)

    async def test_a_crash_repeats_no_more_than_the_pages_of_one_transaction(self, database: Database) -> None:
        updated = {f"r{number}": NOW - (number + 1) * MINUTE for number in range(10)}
        reader = Reader(database, Mews(updated), begin=None, crash_on="r7")
        with pytest.raises(Crash):
            await reader.read()
        assert await reader.kept() == {"r0", "r1", "r2", "r3"}
        assert (await reader.cursor()).page == "r3"
        reader.crash_on = None
        reader.start()
        await reader.read()
        assert await reader.kept() == set(updated)
        assert reader.mews.asked[-1] == (None, "r3")

    async def test_pages_that_came_before_an_error_are_stored(self, database: Database) -> None:
        updated = {f"r{number}": NOW - (number + 1) * MINUTE for number in range(10)}
        reader = Reader(database, Mews(updated, loses={"r5"}), begin=None)
        with pytest.raises(Lost):
            await reader.read()
        assert await reader.kept() == {f"r{number}" for number in range(6)}
        assert (await reader.cursor()).page == "r5"
        reader.mews.loses.clear()
        await reader.read()
        assert await reader.kept() == set(updated)


async def test_the_next_page_is_asked_for_while_the_last_one_is_stored(database: Database) -> None:
    names = {f"r{n}": NOW - n * MINUTE for n in range(1, 7)}
    reader, given = Reader(database, Mews(names)), asyncio.Event()
    listed, save = reader.mews.pages, reader._save

    async def pages(interval: Interval | None, cursor: str | None) -> AsyncIterator[Page[str]]:
        async for page in listed(interval, cursor):
            if "r3" in page.records:
                given.set()
            yield page

    async def saved(connection: AsyncConnection, records: list[str], bad: list[Bad]) -> None:
        if "r1" in records:
            await asyncio.wait_for(given.wait(), 30)  # for ever, if nothing is asked for before this ends
        await save(connection, records, bad)

    stream = Stream("records", "wien", BEGIN, pages, saved)
    assert await catch_up(reader.chain, stream, NOW) == 6
    assert await reader.kept() == set(names)


async def test_a_watermark_of_a_clock_that_was_far_ahead_is_not_waited_for(database: Database) -> None:
    reader = Reader(database, Mews(records(3)))
    await reader.read(NOW + 30 * DAY)
    missed = NOW - DAY
    reader.mews.updated["r9"] = missed
    assert await reader.read() == 4
    assert "r9" in await reader.kept()
    assert (await reader.cursor()).watermark == NOW
