from __future__ import annotations

from connector.store import cursors
from connector.store.cursors import Cursor
from connector.store.engine import Database
from tests.integration.store.makers import DAY, HOUR, NOW

START, END = NOW - DAY, NOW


async def test_a_cursor_never_stored_has_no_watermark(database: Database) -> None:
    async with database.read() as connection:
        assert await cursors.load(connection, "guests", "chain") == Cursor("guests", "chain")


async def test_the_watermark_moves_with_the_last_page_only(database: Database) -> None:
    cursor = Cursor("guests", "chain", watermark=START).opened(START, END)
    for page in ("p1", "p2"):
        cursor = cursor.turned(page, 1000)
        assert (cursor.watermark, cursor.window_end, cursor.page) == (START, END, page)
    last = cursor.turned(None, 7)
    assert (last.watermark, last.window_start, last.window_end, last.page) == (END, None, None, None)
    assert last.rows_read == 2007


async def test_a_window_begins_without_the_page_of_an_earlier_one() -> None:
    cursor = Cursor("guests", "chain").opened(None, END).turned("p1", 1)
    assert cursor.opened(None, END + HOUR).page is None


async def test_an_open_window_is_found_again_as_it_was_left(database: Database) -> None:
    cursor = Cursor("guests", "chain", watermark=START).opened(START, END).turned("p1", 1000)
    async with database.write() as connection:
        await cursors.save(connection, cursor, NOW)
    async with database.read() as connection:
        found = await cursors.load(connection, "guests", "chain")
    assert found.window_is_open
    assert (found.page, found.window_start, found.window_end, found.rows_read) == ("p1", START, END, 1000)
    assert found.updated_at == NOW


async def test_streams_and_scopes_do_not_share_a_cursor(database: Database) -> None:
    kept = [Cursor("guests", "chain"), Cursor("reservations", "montreal"), Cursor("reservations", "wien")]
    async with database.write() as connection:
        for number, cursor in enumerate(reversed(kept)):
            await cursors.save(connection, cursor.opened(None, END).turned(None, number), NOW)
    async with database.read() as connection:
        found = await cursors.every(connection)
    assert [(each.stream, each.scope, each.rows_read) for each in found] == [
        ("guests", "chain", 2),
        ("reservations", "montreal", 1),
        ("reservations", "wien", 0),
    ]


async def test_a_forgotten_cursor_is_as_if_never_stored_and_the_others_stay(database: Database) -> None:
    async with database.write() as connection:
        for scope in ("wien", "montreal"):
            await cursors.save(connection, Cursor("reservations", scope).opened(None, END).turned(None, 1), NOW)
        await cursors.forget(connection, "reservations", "wien")
        assert await cursors.load(connection, "reservations", "wien") == Cursor("reservations", "wien")
        assert [each.scope for each in await cursors.every(connection)] == ["montreal"]
