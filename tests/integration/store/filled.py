"""A database with rows in every table, each value as odd as its column takes; and what a database holds, to compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Table
from sqlmodel.sql.sqltypes import UTCDateTime

from connector.domain.ledger import chain_hash, detail_digest
from connector.store import contents
from connector.store.engine import Database
from connector.store.tables import metadata

ROWS = 3
MOMENT = datetime(2026, 10, 25, 0, 59, 59, 999999, tzinfo=UTC)  # in the hour that Vienna has twice
#: What a check or another table asks for, by table and column; the n-th row gets the n-th.
WANTED: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("claim", "award_id"): ("award-0", "award-1", "award-2"),
    ("message", "award_id"): ("award-0", "award-1", "award-2"),
    ("message", "key"): ("message-0", "message-1", "message-2"),
    ("message", "kind"): ("credit", "reversal", "credit"),
    ("message", "state"): ("in_doubt", "credited", "held"),
    ("message", "miles"): (1, 999_999, 5),
    ("award", "id"): ("award-0", "award-1", "award-2"),
    ("proposal", "state"): ("open", "done", "failed"),
    ("closing", "month"): (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)),
    ("closed_figures", "month"): (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)),
    ("closed_figures", "figures"): ("{}", "{}", "{}"),
    ("closed_figures", "price"): (None, "0.0123456789012345678901234567", "1E+2"),
    ("history", "month"): (None, None, None),
}
_TEXTS = ("", 'it\'s "quoted", \\ and\n\ttwo lines', "Zoë 🏨 \u2028 ½")
_numbers = count(1)
VALUES: Mapping[type, tuple[Any, ...]] = {
    Boolean: (True, False, True),
    UTCDateTime: tuple(MOMENT + timedelta(days=n * 180, microseconds=-n) for n in range(3)),
    Date: (date(2024, 2, 29), date(2025, 1, 1), date(2026, 12, 31)),
    Float: (0.1, 1e-9, 123456.789),
    Integer: (0, -1, 2**31 - 1),
    LargeBinary: (b"", b"\0\xff\n\r", bytes(range(256))),
}


def rows_of(table: Table) -> Iterator[dict[str, Any]]:
    """Yield some rows of a table."""
    if table.name == "history":
        yield from _history()
        return
    for n in range(ROWS):
        yield {each.name: _value(table, each, n) for each in table.columns}


def _value(table: Table, column: Column[Any], n: int) -> Any:
    if wanted := WANTED.get((table.name, column.name)):
        return wanted[n]
    if column.nullable and n == 0:
        return None
    kind = column.type
    if isinstance(kind, Integer) and column.primary_key:
        return n * 1000 + 7
    for type_, values in VALUES.items():
        if isinstance(kind, type_):
            return values[n]
    return _TEXTS[n] if column.nullable else f"{next(_numbers)} {_TEXTS[n]}"


def _history() -> Iterator[dict[str, Any]]:
    """Yield sound chains: where each message stands is where its history ends."""
    for n in range(ROWS):
        previous, before = "", ""
        for seq, after in enumerate(("ready", WANTED["message", "state"][n]), start=1):
            told = {"award_id": f"award-{n}", "seq": seq, "at": MOMENT, "actor": "Zoë", "message_key": f"message-{n}"}
            detail, salt = "said so", "salt"
            digest = detail_digest(salt, detail)
            parts = (told["award_id"], str(seq), MOMENT.isoformat(), "Zoë", told["message_key"], before, after, digest)
            previous = chain_hash(previous, *map(str, parts))
            yield told | {
                "before": before,
                "after": after,
                "detail": detail,
                "salt": salt,
                "digest": digest,
                "hash": previous,
                "month": None,
            }
            before = after


async def fill(database: Database) -> None:
    """Put rows into every table, those that stay behind included."""
    async with database.write() as connection:
        for table in metadata.sorted_tables:
            await connection.execute(table.insert(), list(rows_of(table)))


async def held(database: Database) -> dict[str, list[list[Any]]]:
    """Return everything that moves, as plain values in an order that no engine chooses."""
    async with database.read() as connection:
        return {
            each.name: sorted([row async for page in contents.pages(connection, each) for row in page], key=repr)
            for each in contents.tables()
        }


def stored(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of an SQLite file as it is stored, with the storage class of each value."""
    with closing(sqlite3.connect(file)) as connection:
        found = {}
        for table in contents.tables():
            columns = ", ".join(f"{each.name}, typeof({each.name})" for each in table.columns)
            rows = connection.execute(f"SELECT {columns} FROM {table.name}").fetchall()  # our own names
            found[table.name] = sorted(rows, key=repr)
        return found
