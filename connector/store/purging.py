"""Overwriting what deleted rows leave behind in the files of a database."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import facts
from connector.store.engine import BUSY_TIMEOUT_MS, Database
from connector.store.traces import TRACES

_DUE = "purge due"  # a person was erased, and what their rows left in the file was not overwritten yet


async def overwriting(connection: AsyncConnection) -> None:
    """Let this connection overwrite what it deletes, on SQLite."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("PRAGMA secure_delete = ON")


async def overwrite(connection: AsyncConnection) -> None:
    """Let this transaction overwrite what it deletes (SQLite), and note that the file is to be written anew."""
    await overwriting(connection)
    await facts.write(connection, _DUE, "yes")


async def is_due(database: Database) -> bool:
    """Tell whether a purge is noted that did not come to its end."""
    async with database.read() as connection:
        return await facts.read(connection, _DUE) is not None


async def purge(database: Database) -> None:
    """Write an SQLite file anew, without free pages; on PostgreSQL let the tables give their dead rows free."""
    if database.file is not None:
        await asyncio.to_thread(_rewrite, database.file)
    else:
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for trace in TRACES:
                await alone.execute(text(f"VACUUM {trace.table.name}"))
    async with database.write() as connection:
        await facts.forget(connection, _DUE)


def _rewrite(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)) as alone:
        alone.execute("PRAGMA secure_delete = ON")
        (journal,) = alone.execute("PRAGMA journal_mode").fetchone()
        if journal != "wal":
            alone.execute("PRAGMA journal_mode = TRUNCATE")
        alone.execute("VACUUM")
        alone.execute("PRAGMA wal_checkpoint(TRUNCATE)")
