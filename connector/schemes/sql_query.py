"""Members from a database: one query, whose columns are named like those of the members file.

With ``changed_since``, a column of the query, most readings take only the rows at or after the greatest value that
was seen. Moments are read again from five minutes before it: a row of a long transaction carries an earlier moment
than the one at which others could see it. Rows without a value in that column are seen by full readings only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, DateTime, bindparam, text

from connector.domain.members import BadLine, Member
from connector.errors import Misconfigured, Unfinished
from connector.schemes.once import Once
from connector.schemes.positions import Greatest, Value, value_at
from connector.schemes.source import Chunk
from connector.schemes.sql_connection import reading
from connector.schemes.sql_header import Header


@dataclass(frozen=True, slots=True)
class SqlQuery:
    """One query at a database that SQLAlchemy reaches by a synchronous driver; ``partner_numbers`` are its columns.

    ``full_every`` counts only with ``changed_since``: without it every reading takes everything.
    """

    url: str
    query: str
    password: str = field(default="", repr=False)
    partner_numbers: Mapping[str, str] = field(default_factory=dict)
    changed_since: str = ""
    full_every: timedelta | None = None

    async def verify(self) -> SqlRoll:
        """Connect and look at the query's columns, but take nothing yet.

        Raises Unfinished when the database cannot be reached or a column is missing, Unauthorized, and Misconfigured
        when the query is refused or is no query.
        """
        return SqlRoll(self, await asyncio.to_thread(self._header))

    def _header(self) -> Header:
        # inside another statement it costs nothing, and there it must be able to stand if changes are asked for
        statement = _around(self.query, "1 = 0") if self.changed_since else _bare(self.query)
        with reading(self.url, self.password, 1) as connection, _rows(connection.exec_driver_sql(statement)) as rows:
            return Header(tuple(rows.keys()), self.partner_numbers, self.changed_since)


@dataclass(frozen=True, slots=True)
class SqlRoll:
    """A query that the database takes; only reading tells whether anything is new."""

    source: SqlQuery
    header: Header
    mark: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the query has."""
        return self.header.records().columns

    @property
    def programs(self) -> frozenset[str]:
        """The programs whose numbers the query has."""
        return frozenset(self.source.partner_numbers)

    @property
    def meaning(self) -> str:
        """The database, the query, and by which of its columns it is read."""
        source = self.source
        numbers = sorted(source.partner_numbers.items())
        return repr((source.url, source.query, source.changed_since, numbers)) if source.changed_since else ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the query has for nothing."""
        return self.header.warnings()

    @property
    def full_every(self) -> timedelta | None:
        """How long changes suffice, when the query can be asked for them."""
        return self.source.full_every if self.source.changed_since else None

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members, all or those changed since a position; the last chunk has the new position.

        Raises as ``verify`` does, at any time: nothing may be applied before the iterator has ended.
        """
        chunks = self._chunks(since, size)
        thread = ThreadPoolExecutor(1, "members")  # one for all: a connection belongs to its thread
        run = asyncio.get_running_loop().run_in_executor
        try:
            while chunk := await run(thread, next, chunks, None):
                yield chunk
        finally:
            await run(thread, chunks.close)  # the connection, where nobody reads to the end
            thread.shutdown(wait=False)

    def _chunks(self, since: str, size: int) -> Generator[Chunk, None, None]:
        value = value_at(since) if self.source.changed_since else None
        found = _Reading(self.header, since if value is not None else "")
        with (
            reading(self.source.url, self.source.password, size) as connection,
            self._opened(connection, value) as result,
        ):
            for rows in _fetched(result, size):
                yield Chunk(found.take(rows))
        yield Chunk([], found.position)

    def _opened(self, connection: Connection, value: Value | None) -> CursorResult[Any]:
        if value is None:
            return _rows(connection.exec_driver_sql(_bare(self.source.query)))
        column = connection.dialect.identifier_preparer.quote(self.header.names[self.header.place])
        statement = text(_around(self.source.query.replace(":", "\\:"), f"q.{column} >= :since"))
        # a moment with a zone would be cast to one without, and one hour a year be lost
        kind = DateTime(timezone=value.tzinfo is not None) if isinstance(value, datetime) else None
        return _rows(connection.execute(statement.bindparams(bindparam("since", value, kind))))


class _Reading:
    """What one reading has seen: its members, and the greatest value of the column that tells changes."""

    def __init__(self, header: Header, since: str) -> None:
        self._keys, self._place = header.keys, header.place if header.changed_since else None
        self._records, self._once = header.records(), Once()
        self._greatest, self._number = Greatest(since), 0

    @property
    def position(self) -> str:
        """From where a later reading may ask for changes."""
        return self._greatest.position

    def take(self, rows: Sequence[Sequence[Any]]) -> list[Member | BadLine]:
        """Return the records of rows, without those that came before."""
        found = (self._record(row) for row in rows)
        return [record for record in found if record is not None]

    def _record(self, row: Sequence[Any]) -> Member | BadLine | None:
        self._number += 1
        if self._place is not None:
            self._greatest.see(row[self._place])
        record = self._records.read(dict(zip(self._keys, row, strict=True)), self._number)
        return self._once.admit(record, self._number)


def _bare(query: str) -> str:
    return query.strip().rstrip("; \t\r\n")


def _around(query: str, condition: str) -> str:
    # on lines of its own: the query may end with a comment
    return f"SELECT * FROM (\n{_bare(query)}\n) q WHERE {condition}"  # noqa: S608  # the owner's own query


def _rows(result: CursorResult[Any]) -> CursorResult[Any]:
    if not result.returns_rows:
        raise Misconfigured("scheme.query: it returns no rows; expected a query such as SELECT id AS member_id FROM …")
    return result


def _fetched(result: CursorResult[Any], size: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield rows in lists of ``size``."""
    try:
        while rows := result.fetchmany(size):
            yield rows
    except ValueError as error:
        raise Unfinished(
            f"scheme.query: a value cannot be read ({type(error).__name__}); expected valid texts and dates, so "
            "nothing of it was applied."
        ) from None
