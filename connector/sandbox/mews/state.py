"""The sandbox's memory: one SQLite file with a table for each kind of record.

``position`` grows with a record's creation (seconds, then order of arrival), so walking it backwards is the
contract's "newest to oldest". Bodies are stored as the JSON text that is answered and joined without parsing.
"""

# ruff: noqa: S608 - SQL is put together from the names of kinds and properties; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from connector.sandbox.mews.filters import Filter, among, expression
from connector.sandbox.mews.kinds import KINDS, Kind
from connector.sandbox.mews.loading import Chunk, chunks, uncollected
from connector.sandbox.mews.records import Record, Row, stored, take
from connector.sandbox.mews.refusals import Refused

_COLUMNS = "id, owner, created, updated, deleted, body, side"
_SECOND = 1 << 22  # positions within one second of creation
_FEW = 20_000  # candidates up to which an index is quicker than walking the table


class Watcher(Protocol):
    """Who hears of records that were added or changed, other than by loading."""

    def __call__(self, kind: str, records: Sequence[Record], *, added: bool) -> None:
        """Hear of it, before the transaction ends."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """Records as JSON texts, newest first; ``cursor`` is the oldest one's id, None when nothing follows."""

    bodies: list[str]
    cursor: str | None


class State:
    """Durable records and clock of one simulated chain. One process, one connection."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=TRUNCATE", "synchronous=NORMAL", "cache_size=-65536"):
            self._db.execute(f"PRAGMA {pragma}")
        with self.transaction():
            for statement in _schema():
                self._db.execute(statement)
        self.watchers: list[Watcher] = []
        self._counts = self._count_all()
        self._offset = timedelta(seconds=float(self._meta("clock_offset") or 0))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes within all or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._counts = self._count_all()
            raise
        self._db.execute("COMMIT")

    # -- the clock

    def now(self) -> datetime:
        """Return the simulated moment: the machine's clock, shifted."""
        return datetime.now(UTC) + self._offset

    def shift_clock(self, seconds: float) -> None:
        """Let the simulated clock run ``seconds`` ahead of the machine's (behind when negative)."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('clock_offset', ?)", (str(seconds),))
        self._offset = timedelta(seconds=seconds)

    # -- writing

    def load(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Add records of any kinds in one transaction and return their number.

        Ids must be new: raises sqlite3.IntegrityError otherwise, and nothing is loaded.
        """
        return self.load_chunks(chunks(records, self.now()))

    def load_chunks(self, arriving: Iterable[Chunk]) -> int:
        """Do as ``load`` with rows that are ready."""
        self._db.execute("PRAGMA synchronous=OFF")
        try:
            with uncollected(), self.transaction():
                return self._load(arriving)
        finally:
            self._db.execute("PRAGMA synchronous=NORMAL")

    def _load(self, arriving: Iterable[Chunk]) -> int:
        before = sum(self._counts.values())
        for chunk in arriving:
            for kind, rows in chunk.items():
                self._insert(kind, rows)
        self._find_owners()
        return sum(self._counts.values()) - before

    def add(self, kind: str, records: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Add records within the caller's transaction."""
        taken = [take(kind, record, self.now()) for record in records]
        self._insert(kind, [record.row() for record in taken])
        self._find_owners(kind)
        for watcher in self.watchers:
            watcher(kind, taken, added=True)
        return taken

    def replace(self, kind: str, records: Iterable[Record]) -> None:
        """Write changed records in place, within the caller's transaction."""
        changed = list(records)
        self._db.executemany(
            f'UPDATE "{kind}" SET owner=?, created=?, updated=?, deleted=?, body=?, side=? WHERE id=?',
            ((*record.row()[1:], record.id) for record in changed),
        )
        for watcher in self.watchers:
            watcher(kind, changed, added=False)

    def _insert(self, kind: str, rows: Sequence[Row]) -> None:
        first = self._counts[kind]
        self._counts[kind] += len(rows)
        self._db.executemany(
            f'INSERT INTO "{kind}" (position, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            ((_position(row, first + index), *row) for index, row in enumerate(rows)),
        )

    def _find_owners(self, *kinds: str) -> None:
        for kind in kinds or KINDS:
            if via := KINDS[kind].via:
                self._db.execute(
                    f'UPDATE "{kind}" SET owner = (SELECT owner FROM "{via[1]}" AS other'
                    f" WHERE other.id = json_extract(\"{kind}\".body, '$.{via[0]}')) WHERE owner IS NULL"
                )

    # -- reading

    def page(self, kind: str, filters: Iterable[Filter], count: int, cursor: str | None = None) -> Page:
        """Return up to ``count`` records older than the cursor's. Raises Refused for an unknown cursor."""
        conditions = list(filters)
        column, source = self._road(kind, conditions)
        if cursor is not None:
            conditions.append(Filter(f"{column} < {self._position_of(kind, cursor)}"))
        sql = (
            f'SELECT id, body FROM "{kind}" WHERE position IN (SELECT position FROM {source}'
            f" WHERE {_all(conditions)} ORDER BY {column} DESC LIMIT {count + 1}) ORDER BY position DESC"
        )
        rows = self._db.execute(sql, _values(conditions)).fetchall()
        page = rows[:count]
        return Page([body for _, body in page], page[-1][0] if len(rows) > count else None)

    def every(self, kind: str, filters: Iterable[Filter] = ()) -> list[Record]:
        """Return the records that the filters keep, newest first."""
        return self.first(kind, filters, -1)

    def first(self, kind: str, filters: Iterable[Filter], count: int) -> list[Record]:
        """Return the newest records that the filters keep, all of them when ``count`` is negative."""
        conditions = list(filters)
        column, source = self._road(kind, conditions)
        sql = f"SELECT {_COLUMNS} FROM {source} WHERE {_all(conditions)} ORDER BY {column} DESC LIMIT {count}"
        return [stored(row) for row in self._db.execute(sql, _values(conditions))]

    def named(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records of these ids, deleted ones included."""
        return {record.id: record for record in self.every(kind, [among("Id", ids, narrow=True)])}

    def walk(self, kind: str) -> Iterator[Record]:
        """Yield all records of a kind, newest first; writes may go on meanwhile."""
        below = 1 << 62
        while rows := self._before(kind, below):
            below = rows[-1][0]
            yield from (stored(row[1:]) for row in rows)

    def _before(self, kind: str, below: int) -> list[tuple[Any, ...]]:
        columns = f"position, {_COLUMNS}"
        sql = f'SELECT {columns} FROM "{kind}" WHERE position < ? ORDER BY position DESC LIMIT 1000'
        return self._db.execute(sql, (below,)).fetchall()

    def _road(self, kind: str, filters: Iterable[Filter]) -> tuple[str, str]:
        """Choose index or walk: a unary plus keeps SQLite from walking, NOT INDEXED from anything else."""
        if any(condition.narrow and self._few(kind, condition) for condition in filters):
            return "+position", f'"{kind}"'
        return "position", f'"{kind}" NOT INDEXED'

    def _few(self, kind: str, condition: Filter) -> bool:
        sql = f'SELECT count(*) FROM (SELECT 1 FROM "{kind}" WHERE {condition.sql} LIMIT {_FEW + 1})'
        return int(self._db.execute(sql, condition.values).fetchone()[0]) <= _FEW

    def _position_of(self, kind: str, id_: str) -> int:
        row = self._db.execute(f'SELECT position FROM "{kind}" WHERE id = ?', (id_,)).fetchone()
        if row is None:
            raise Refused(f"Invalid value of 'Limitation.Cursor': '{id_}' does not exist.")
        return int(row[0])

    def _count_all(self) -> dict[str, int]:
        count = 'SELECT count(*) FROM "{}"'
        return {kind: int(self._db.execute(count.format(kind)).fetchone()[0]) for kind in KINDS}

    def _meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


def _position(row: Row, order: int) -> int:
    created = row[2]
    return int(datetime.fromisoformat(created).timestamp()) * _SECOND + order % _SECOND


def _all(filters: Sequence[Filter]) -> str:
    return " AND ".join(f"({condition.sql})" for condition in filters) or "1"


def _values(filters: Sequence[Filter]) -> list[str]:
    return [value for condition in filters for value in condition.values]


def _schema() -> Iterator[str]:
    yield "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT)"
    for kind in KINDS.values():
        yield from _table(kind)


def _table(kind: Kind) -> Iterator[str]:
    yield (
        f'CREATE TABLE IF NOT EXISTS "{kind.name}" (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,'
        " owner TEXT, created TEXT NOT NULL, updated TEXT NOT NULL, deleted TEXT, body TEXT NOT NULL,"
        " side TEXT NOT NULL)"
    )
    yield f'CREATE INDEX IF NOT EXISTS "{kind.name}_updated" ON "{kind.name}" (updated, owner, deleted)'
    yield (f'CREATE INDEX IF NOT EXISTS "{kind.name}_deleted" ON "{kind.name}" (deleted) WHERE deleted IS NOT NULL')
    for name in kind.looked_up:
        yield f'CREATE INDEX IF NOT EXISTS "{kind.name}_{name}" ON "{kind.name}" ({expression(name)})'
