"""One dialect of SQLite for all engines of a test process, so that a statement is compiled once and not in each test.

SQLAlchemy keeps what it compiled by engine and dialect. Nothing in a dialect is about one database, so sharing it is
what a process that lives long does with its one engine.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite


class SQLite(SQLiteDialect_aiosqlite):
    """The dialect; there is one for each driver."""

    supports_statement_cache = True
    _made: ClassVar[dict[type, Any]] = {}
    _compiled: ClassVar[dict[Any, Any]] = {}

    def __new__(cls, **options: Any) -> Self:
        """Return the one that was made for this driver, or a new one."""
        driver = type(options.get("dbapi"))
        if driver not in cls._made:
            cls._made[driver] = super().__new__(cls)
        found: Self = cls._made[driver]
        return found

    def __init__(self, **options: Any) -> None:
        """Set it up once."""
        if "dbapi" not in vars(self):
            super().__init__(**options)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Let a new engine know what others compiled."""
        engine.update_execution_options(compiled_cache=cls._compiled)


def share() -> None:
    """Use it from now on for whoever asks for aiosqlite."""
    registry.register("sqlite.aiosqlite", SQLite.__module__, SQLite.__name__)
