"""A copy of a living SQLite database, marked as a copy: nothing is delivered from it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Misconfigured, Refused
from connector.store import facts, retired
from connector.store.engine import Database

MARK = "backup"
EXPORTED = "exported"  # the mark's value where the copy was made by an import


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
    """Raise Refused when this database is a copy, or was left behind: the other one may have sent more since."""
    if moved := await retired.read(connection):
        raise Refused(moved.sentence)
    mark = await facts.read(connection, MARK)
    if mark is not None:
        made = "an import of a file without the right to send" if mark == EXPORTED else "`db backup`"
        raise Refused(
            f"database: it is a copy made by {made}; nothing is delivered from it, since the original may have "
            "sent more: expected the original database, or `ledger adopt` where that is lost"
        )
