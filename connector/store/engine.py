"""Connections to SQLite and PostgreSQL, and the two kinds of work: reading and writing.

SQLite: every write unit is BEGIN IMMEDIATE (the default mode loses updates without an error) and durable
(synchronous=FULL). WAL is used only where the library is free of the WAL-reset bug (3.7.0 to 3.51.2, but 3.50.7
and 3.44.6 have the fix); elsewhere the rollback journal, whose writers wait for readers: so no transaction here is
held across a request, and long reads go in short pages.

PostgreSQL: a process that stands still amid a transaction, or a machine that is gone without a word, would keep its
locks from every other instance. So the server ends a transaction in which nothing happens for ``IDLE``.

A write unit of a job belongs to its turn (``ports.turns``): it begins by holding the job's lease.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from connector.errors import Refused
from connector.ports import turns
from connector.store import leases
from connector.store.sqlite_driver import driver

BUSY_TIMEOUT_MS = 30_000
IDLE = timedelta(seconds=60)  # half the time after which another process may take over
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_MILLISECOND = timedelta(milliseconds=1)
_WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Tell whether this SQLite has the fix of the WAL-reset bug."""
    return version >= _WAL_FIXED[0] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_FIXED[1:])


def async_url(url: str, password: str | None = None) -> URL:
    """Return the URL with the asynchronous driver of its database, and the password if there is one."""
    parsed = make_url(url)
    named = parsed.set(drivername=_DRIVERS[parsed.get_backend_name()])
    return named.set(password=password) if password else named


class Database:
    """One engine; ``read()`` and ``write()`` give connections in a transaction of that kind.

    ``sealed`` says why nothing may be written, "" where it may.
    """

    def __init__(self, url: str, password: str | None = None) -> None:
        self.url = async_url(url, password)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.sealed = ""
        self.engine = self._engine()
        self._writing = asyncio.Lock()

    @property
    def file(self) -> Path | None:
        """The database file, for SQLite."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def _engine(self) -> AsyncEngine:
        if not self.is_sqlite:
            # what the URL asks for stands last, and the server goes by what stands last
            asked = f"-c idle_in_transaction_session_timeout={IDLE // _MILLISECOND} {self.url.query.get('options', '')}"
            own = {"options": asked.strip()}
            return create_async_engine(self.url, pool_size=6, max_overflow=4, pool_pre_ping=True, connect_args=own)
        engine = create_async_engine(self.url, module=driver())
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a read transaction; keep it short."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a read transaction that sees one moment only, however long it takes.

        On SQLite others cannot write meanwhile, where its journal is not the WAL.
        """
        async with self.engine.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self, *, fenced: bool = True) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a write transaction, committed at the end; one at a time in this process on SQLite.

        Within a job's turn nobody else takes its lease before the end; raises Superseded when somebody did already.
        Not ``fenced``: what counts whoever does the job, such as what was sent. Raises Refused where it is sealed.
        """
        if self.sealed:
            raise Refused(self.sealed)
        async with self._writable() as connection:
            if fenced:
                await leases.keep(connection, turns.held())
            yield connection

    @asynccontextmanager
    async def _writable(self) -> AsyncIterator[AsyncConnection]:
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield connection
            return
        async with self._writing, self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    async def version(self) -> str:
        """Return the version of SQLite or of the PostgreSQL server."""
        if self.is_sqlite:
            return sqlite3.sqlite_version
        async with self.read() as connection:
            return str((await connection.execute(text("SHOW server_version"))).scalar_one())

    async def aclose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    target: Any = connection
    target.isolation_level = None
    cursor = connection.cursor()
    journal = "WAL" if wal_is_safe() else "TRUNCATE"
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"journal_mode={journal}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "cache_size=-16384",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
