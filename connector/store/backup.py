"""A copy of a living SQLite database, marked as a copy: nothing is delivered from it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Misconfigured, Refused
from connector.store import facts
from connector.store.engine import Database

MARK = "backup"


async def copy(database: Database, path: Path) -> None:
    """Write a consistent copy of the database to ``path``.

    Raises Misconfigured on PostgreSQL, whose own tools do this, and when there is no database or ``path`` exists.
    """
    if database.file is None:
        raise Misconfigured("db backup: it is for SQLite; on PostgreSQL use pg_dump")
    await asyncio.to_thread(_copy, database.file, path)


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise Misconfigured(f"db backup: {source} does not exist; expected a database to copy")
    if target.exists():
        raise Misconfigured(f"db backup: {target} exists already; expected a path where there is no file")
    unmarked = target.with_name(f"{target.name}.unmarked")  # it gets its name when it bears the mark
    unmarked.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as living, closing(sqlite3.connect(unmarked)) as copied:
        living.backup(copied)
        with copied:
            copied.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, 'marked')", (MARK,))
    unmarked.rename(target)


async def refuse_marked(connection: AsyncConnection) -> None:
    """Raise Refused when this database is a copy: the original may have sent more since."""
    if await facts.read(connection, MARK) is not None:
        raise Refused(
            "database: it is a copy made by `db backup`; nothing is delivered from it, since the original may have "
            "sent more: expected the original database, or `ledger adopt` where that is lost"
        )
