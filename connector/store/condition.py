"""Whether the database is of this version's shape and takes writes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from connector.errors import Unfinished
from connector.store import facts, migrations
from connector.store.engine import Database

_FACT = "written_at"  # of no meaning but that it could be written


async def check(database: Database) -> None:
    """Write one small fact; raises Unfinished with the reason when the database cannot be worked with.

    What the driver says is not repeated: it holds addresses and statements.
    """
    try:
        revision = await migrations.revision(database)
        if revision != migrations.HEAD:
            found = revision or "none"
            raise Unfinished(f"the database is at revision {found}; expected {migrations.HEAD}")
        async with database.write() as connection:
            await facts.write(connection, _FACT, datetime.now(UTC).isoformat())
    except SQLAlchemyError as error:
        cause = type(error.__cause__ or error).__name__
        raise Unfinished(f"the database cannot be written ({cause})") from None
