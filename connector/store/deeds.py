"""What operators did on the console, oldest first in the table: rows are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables.web import Deed as DeedRow

_DEED = table(DeedRow)


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, and when. ``subject`` is what it was about, by a key or id; ``text`` a sentence."""

    at: datetime
    operator: str
    action: str
    subject: str
    text: str
    id: int = 0  # given by the database


async def add(connection: AsyncConnection, deed: Deed) -> None:
    """Store a deed."""
    names = ("at", "operator", "action", "subject", "text")
    await connection.execute(_DEED.insert().values({name: getattr(deed, name) for name in names}))


async def recent(
    connection: AsyncConnection,
    limit: int,
    *,
    before: int | None = None,
    operator: str | None = None,
    subject: str | None = None,
) -> list[Deed]:
    """Return deeds, newest first; ``before`` is the id of one, to read on."""
    columns = (_DEED.c.at, _DEED.c.operator, _DEED.c.action, _DEED.c.subject, _DEED.c.text, _DEED.c.id)
    statement = select(*columns).order_by(_DEED.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_DEED.c.id < before)
    if operator is not None:
        statement = statement.where(_DEED.c.operator == operator)
    if subject is not None:
        statement = statement.where(_DEED.c.subject == subject)
    return [Deed(*row) for row in await connection.execute(statement)]
