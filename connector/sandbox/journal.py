"""The durable journal of a partner simulator: what each request did, with the answer it was given."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

CREDIT, REVERSAL = "credit", "reversal"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, member TEXT NOT NULL, miles INTEGER NOT NULL, at TEXT NOT NULL,
    reference TEXT NOT NULL, detail TEXT NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL,
    answer TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_of_member ON entries (member);
CREATE INDEX IF NOT EXISTS entries_of_reference ON entries (reference);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
"""
_COUNTERS = ("duplicates_answered", "overlaps")


@dataclass(frozen=True)
class Entry:
    """One effect: ``miles`` are signed, ``kind`` is credit, reversal or a kind that moves no miles.

    ``at`` is UTC in ISO 8601, ``detail`` and ``answer`` are JSON texts, ``digest`` identifies the request.
    """

    key: str
    kind: str
    member: str
    miles: int
    at: str
    reference: str = ""
    detail: str = "{}"
    digest: str = ""
    status: int = 200
    answer: str = ""


_COLUMNS = ", ".join(column.name for column in fields(Entry))
_INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES ({', '.join('?' * len(fields(Entry)))})"  # noqa: S608 - own names


class Journal:
    """Entries in a SQLite file of its own; each is committed before ``record`` returns."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # One connection only, so that the write-ahead log is safe with every SQLite. NORMAL: commits outlive
        # the process, whose death is what is rehearsed, but do not wait for the disk.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def record(self, entry: Entry) -> None:
        """Commit an entry; its key must be new."""
        self._db.execute(_INSERT, astuple(entry))

    def find(self, key: str) -> Entry | None:
        """The entry of this key."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM entries WHERE key = ?", (key,)).fetchone()  # noqa: S608
        return Entry(*row) if row else None

    def count(self, counter: str) -> None:
        """Count one more ``duplicates_answered`` or ``overlaps``."""
        sql = "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1"
        self._db.execute(sql, (counter,))

    def balance(self, member: str) -> int:
        """Miles issued to a member less miles taken back."""
        sql = "SELECT COALESCE(SUM(miles), 0) FROM entries WHERE member = ?"
        return int(self._db.execute(sql, (member,)).fetchone()[0])

    def of_member(self, member: str) -> Iterator[Entry]:
        """The credits and reversals of a member, oldest first."""
        return self._moves("AND member = ?", member)

    def of_reference(self, reference: str) -> Iterator[Entry]:
        """The credits and reversals with a reference, oldest first."""
        return self._moves("AND reference = ?", reference)

    def of_kind(self, kind: str, member: str) -> Iterator[Entry]:
        """The entries of a kind about a member, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM entries WHERE kind = ? AND member = ? ORDER BY rowid"  # noqa: S608 - own names
        return (Entry(*row) for row in self._db.execute(sql, (kind, member)))

    def credits(self) -> list[dict[str, Any]]:
        """Every credit and reversal: ``key, member, miles, kind, at, reference, detail``."""
        return [_shown(entry) for entry in self._moves()]

    def totals(self) -> dict[str, int]:
        """``miles`` (credited less reversed), and how many credits, reversals, entries without miles, …"""
        sql = "SELECT kind, COUNT(*), SUM(miles) FROM entries GROUP BY kind"
        kinds = {kind: (count, miles) for kind, count, miles in self._db.execute(sql)}
        numbers = {kind: count for kind, (count, _) in kinds.items()}
        moved = numbers.get(CREDIT, 0), numbers.get(REVERSAL, 0)
        return {
            "miles": sum(miles for _, miles in kinds.values()),
            "credits": moved[0],
            "reversals": moved[1],
            "without_miles": sum(numbers.values()) - sum(moved),
            **self._counters(),
        }

    def _counters(self) -> Mapping[str, int]:
        counted = dict(self._db.execute("SELECT name, count FROM counters"))
        return {name: counted.get(name, 0) for name in _COUNTERS}

    def _moves(self, condition: str = "", *values: str) -> Iterator[Entry]:
        kinds = f"kind IN ('{CREDIT}', '{REVERSAL}')"
        sql = f"SELECT {_COLUMNS} FROM entries WHERE {kinds} {condition} ORDER BY rowid"  # noqa: S608
        return (Entry(*row) for row in self._db.execute(sql, values))


def _shown(entry: Entry) -> dict[str, Any]:
    shown = ("key", "member", "miles", "kind", "at", "reference")
    return {name: getattr(entry, name) for name in shown} | {"detail": json.loads(entry.detail)}
