"""SQLite's driver with one trip to the connection's thread for a statement.

SQLAlchemy's own adapter of aiosqlite makes four: for a cursor, the statement, its rows, and the cursor's end. A trip
costs more than most statements do.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a statement left; the field names are those of Python's DB-API."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


_NOTHING = _Outcome()


def _execute(connection: sqlite3.Connection, method: str, *arguments: Any) -> _Outcome:
    """Run a statement and fetch everything; in the connection's own thread."""
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(*arguments)
        rows = cursor.fetchall() if cursor.description else ()
        return _Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that exists in the other thread only while a statement runs."""

    __slots__ = ("_outcome", "arraysize")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._outcome = _NOTHING
        self.arraysize = 1

    @property
    def description(self) -> Any:
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> Any:
        return self._outcome.lastrowid

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._trip("execute", operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._trip("executemany", operation, seq_of_parameters)

    async def _trip(self, method: str, *arguments: Any) -> None:
        connection: Any = self._connection
        self._adapt_connection.is_settled = False  # type: ignore[attr-defined]  # it is one of ours
        async with self._adapt_connection._execute_mutex:
            self._outcome = await connection._execute(_execute, connection._conn, method, *arguments)
        self._rows = deque(self._outcome.rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that makes no trip to roll back what was committed; SQLAlchemy asks for it after each commit."""

    __slots__ = ("is_settled",)
    _cursor_cls = _Cursor  # type: ignore[assignment]  # the base declares its own cursor, not what it needs of one

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.is_settled = False

    def commit(self) -> None:
        super().commit()
        self.is_settled = True

    def rollback(self) -> None:
        # a statement whose caller was cancelled may still wait for the other thread: a commit that ended is trusted
        if not self.is_settled:
            super().rollback()


def make_private(file: Path) -> None:
    """Make a database file that is not there, empty, for its owner only: it holds member numbers.

    One that is there is never opened here: to close it would end the locks that SQLite has on it.
    """
    with suppress(OSError):  # SQLite says why it cannot be made, or that it is there
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        make_private(Path(arguments[0]))
        return _Connection(self, super().connect(*arguments, **options)._connection)


def driver() -> Any:
    """Return the driver, for ``create_async_engine(module=…)``."""
    return _Driver(aiosqlite, sqlite3)
