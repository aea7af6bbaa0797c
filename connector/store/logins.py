"""Open logins of the console, known by the digest of their cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables.web import Login as LoginRow

_LOGIN = table(LoginRow)


@dataclass(frozen=True, slots=True)
class Login:
    """Who logged in, when, and when the login was last used; see the table for ``id`` and ``proof``."""

    id: str
    operator: str
    proof: str
    began_at: datetime
    seen_at: datetime


async def add(connection: AsyncConnection, login: Login) -> None:
    """Store a new login."""
    values = {name: getattr(login, name) for name in ("id", "operator", "proof", "began_at", "seen_at")}
    await connection.execute(_LOGIN.insert().values(values))


async def of_id(connection: AsyncConnection, login_id: str) -> Login | None:
    """Return a login, None if there is none."""
    columns = (_LOGIN.c.id, _LOGIN.c.operator, _LOGIN.c.proof, _LOGIN.c.began_at, _LOGIN.c.seen_at)
    row = (await connection.execute(select(*columns).where(_LOGIN.c.id == login_id))).one_or_none()
    return Login(*row) if row else None


async def see(connection: AsyncConnection, login_id: str, now: datetime) -> None:
    """Note that a login was used."""
    await connection.execute(update(_LOGIN).where(_LOGIN.c.id == login_id).values(seen_at=now))


async def end(connection: AsyncConnection, login_id: str) -> None:
    """End a login."""
    await connection.execute(delete(_LOGIN).where(_LOGIN.c.id == login_id))


async def forget_old(connection: AsyncConnection, unused_since: datetime, begun_before: datetime) -> None:
    """Remove logins that nobody used since, or that began before."""
    await connection.execute(
        delete(_LOGIN).where(or_(_LOGIN.c.seen_at < unused_since, _LOGIN.c.began_at < begun_before))
    )
