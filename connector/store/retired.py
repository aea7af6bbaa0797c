"""The mark of a database that moved: it works elsewhere now, and nothing is done with what is left behind.

Who may send for a chain is a right that is handed on, from the database to the file of its export and from there to the
database that is made of it, each at most once. Whatever else is made of either is a copy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Refused
from connector.store import facts
from connector.store.engine import Database
from connector.store.rows import table
from connector.store.tables.running import Fact

MARK = "moved"
_FACT = table(Fact)
# who claims messages shares it, who marks a database has it alone
_LOCK = "hashtext('connector moves')"


@dataclass(frozen=True, slots=True)
class Retirement:
    """When a database moved, in whose name and to which file; ``handed``: the file is whole, and has the right."""

    at: datetime
    by: str
    file: str
    handed: bool = False

    @property
    def sentence(self) -> str:
        """Why nothing is done here, and how it is taken back."""
        return (
            f"database: it moved at {self.at:%Y-%m-%d %H:%M} UTC to {self.file} (by {self.by}) and works where that "
            "was imported, so nothing is done here; to take it back, `state export --retire` there and `state import` "
            "here into an empty database, or `ledger adopt` here where that one is lost"
        )


async def read(connection: AsyncConnection) -> Retirement | None:
    """Return the mark; None for a database that did not move."""
    noted = await facts.read(connection, MARK)
    if noted is None:
        return None
    body = json.loads(noted)
    return Retirement(**body | {"at": datetime.fromisoformat(body["at"])})


async def write(connection: AsyncConnection, mark: Retirement) -> None:
    """Write the mark, after everybody who claims a message just now has done so; nobody does afterwards."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    await facts.write(connection, MARK, json.dumps(asdict(mark) | {"at": mark.at.isoformat()}, sort_keys=True))


async def may_claim(connection: AsyncConnection) -> bool:
    """Tell whether messages may be claimed in this transaction: a process that slept past its lease asks too.

    On SQLite the lock beside the file lets nobody mark the database while such a process lives.
    """
    if connection.dialect.name != "postgresql":
        return True
    await connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})"))
    return (await connection.execute(select(_FACT.c.name).where(_FACT.c.name == MARK))).first() is None


async def seal(database: Database) -> None:
    """Let nothing more be written to a database that moved."""
    async with database.read() as connection:
        mark = await read(connection)
    database.sealed = mark.sentence if mark else ""


async def refuse(database: Database, connection: AsyncConnection) -> None:
    """Raise Refused when the database moved, and seal it: it may have done so since it was opened."""
    if mark := await read(connection):
        database.sealed = mark.sentence
        raise Refused(mark.sentence)
