"""Bringing a database to the shape that this version expects. Alembic is imported only when there is work."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from connector.errors import Refused
from connector.store.engine import Database

HEAD = "0027"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def revision(database: Database) -> str | None:
    """Return the revision of a database; None if it was never set up."""
    async with database.read() as connection:
        return await connection.run_sync(_revision)


async def upgrade(database: Database) -> bool:
    """Bring the database to HEAD; tell whether anything had to be done.

    Raises Refused when the database is of a newer version than this program.
    """
    current = await revision(database)
    if current == HEAD:
        return False
    if current is not None and current > HEAD:
        raise Refused(
            f"database: it is at revision {current}, newer than this version's {HEAD}; expected the newer program"
        )
    async with database.write() as connection:
        await connection.run_sync(_upgrade)
    return True


def _upgrade(connection: Connection) -> None:
    _alone(connection)
    finish(connection)


def bring_empty(connection: Connection, wanted: str) -> None:
    """Bring a database without rows to a revision, older or newer than its own, and let nobody upgrade it meanwhile.

    Raises Refused for a revision that this version does not know.
    """
    _alone(connection)
    current = _revision(connection)
    if current == wanted:
        return
    from alembic import command
    from alembic.util import CommandError

    move = command.downgrade if current is not None and current > wanted else command.upgrade
    try:
        move(configuration(connection), wanted)
    except CommandError:
        raise Refused(f"database: this version knows no revision {wanted}; expected one up to {HEAD}") from None


def finish(connection: Connection) -> None:
    """Bring a database to HEAD within a transaction."""
    if _revision(connection) == HEAD:
        return
    from alembic import command

    command.upgrade(configuration(connection), "head")


def _alone(connection: Connection) -> None:
    """Wait for another process that upgrades this database; on SQLite the write transaction already says so."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('connector migrations'))"))


def configuration(connection: Connection):  # type: ignore[no-untyped-def]  # alembic's Config, imported late
    """Return Alembic's configuration over an open connection."""
    from pathlib import Path

    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
