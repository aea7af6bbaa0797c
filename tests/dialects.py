"""One dialect of a database for all engines of a test process: a statement is compiled once and not in each test.

SQLAlchemy keeps what it compiled by engine and dialect. Nothing in a dialect is about one database, so sharing it is
what a process that lives long does with its one engine.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from sqlalchemy import URL, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg, PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect

_made: dict[tuple[type, type], Any] = {}


class _Shared:
    """A dialect of which there is one for each driver."""

    supports_statement_cache = True
    _compiled: ClassVar[dict[Any, Any]] = {}

    def __new__(cls, **options: Any) -> Self:
        """Return the one that was made for this driver, or a new one."""
        key = cls, type(options.get("dbapi"))
        if key not in _made:
            _made[key] = super().__new__(cls)
        found: Self = _made[key]
        return found

    def __init__(self, **options: Any) -> None:
        """Set it up once."""
        if "dbapi" not in vars(self):
            super().__init__(**options)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Let a new engine know what others compiled."""
        engine.update_execution_options(compiled_cache=cls._compiled)


class SQLite(_Shared, SQLiteDialect_aiosqlite):
    """SQLite by aiosqlite."""

    supports_statement_cache = True


class AsyncPostgreSQL(_Shared, PGDialectAsync_psycopg):
    """PostgreSQL by psycopg, for asyncio."""

    supports_statement_cache = True


class PostgreSQL(PGDialect_psycopg):
    """PostgreSQL by psycopg."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[Dialect]:
        """Return the one that is shared."""
        return AsyncPostgreSQL


def share() -> None:
    """Use them from now on for whoever asks for these databases."""
    registry.register("sqlite.aiosqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
