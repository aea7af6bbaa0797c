"""A copy of a living SQLite database, marked as a copy: nothing is delivered from it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Misconfigured, Refused, Unfinished
from connector.store import facts, retired
from connector.store.engine import Database
from connector.store.sqlite_driver import make_private

MARK = "backup"
EXPORTED = "exported"  # the mark's value where the copy was made by an import


async def copy(database: Database, path: Path) -> None:
    """Write a consistent copy of the database to ``path``.

    Raises Misconfigured on PostgreSQL, whose own tools do this, and when there is no database or ``path`` exists;
    Unfinished when it cannot be written.
    """
    if database.file is None:
        raise Misconfigured("db backup: it is for SQLite; on PostgreSQL use pg_dump")
    await asyncio.to_thread(_copy, database.file, path)


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise Misconfigured(f"db backup: {source} does not exist; expected a database to copy")
    if target.exists():
        raise Misconfigured(f"db backup: {target} exists already; expected a path where there is no file")
    if not target.parent.is_dir():
        raise Misconfigured(f"db backup: the folder {target.parent} does not exist; expected one that does")
    unmarked = target.with_name(f"{target.name}.unmarked")  # it gets its name when it bears the mark
    try:
        unmarked.unlink(missing_ok=True)
        make_private(unmarked)
        _write(source, unmarked)
        unmarked.rename(target)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Unfinished(
            f"db backup: {source} cannot be copied to {target} ({why}); expected a sound database and space in a folder"
        ) from error
    finally:
        _remove(unmarked)


def _write(source: Path, unmarked: Path) -> None:
    with closing(sqlite3.connect(source)) as living, closing(sqlite3.connect(unmarked)) as copied:
        living.backup(copied)
        with copied:
            copied.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, 'marked')", (MARK,))


def _remove(unmarked: Path) -> None:
    """Leave nothing of a copy that did not get its name; where there is no folder there is nothing to remove."""
    for name in (unmarked.name, f"{unmarked.name}-journal", f"{unmarked.name}-wal", f"{unmarked.name}-shm"):
        with suppress(OSError):
            unmarked.with_name(name).unlink()


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
