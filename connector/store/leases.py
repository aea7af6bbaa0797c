"""Lease rows: who does a job now. They say *who*; the scheduler says *when*."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.ports.turns import Turn, superseded
from connector.store.rows import insert, table
from connector.store.tables.running import Lease

_LEASE = table(Lease)
_UNLIKELY = 10  # lengths of a lease: so far ahead only a clock that was wrong ends one
_KEPT = (  # made once: every write of every job says it
    select(_LEASE.c.name)
    .where(_LEASE.c.name == bindparam("name"), _LEASE.c.owner == bindparam("owner"))
    .with_for_update(read=True)
)


async def take(connection: AsyncConnection, name: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take a lease that is free, expired or already ours; tell whether we hold it now.

    One that ends far in the future was taken by a clock that was wrong, and is anybody's as well: otherwise the job
    would rest for as long when its process died. If it lives, it is superseded as any that stood still.
    """
    wrong = now + (until - now) * _UNLIKELY
    statement = insert(connection, _LEASE).values(name=name, owner=owner, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": owner, "until": until},
        where=or_(_LEASE.c.owner == owner, _LEASE.c.until < now, _LEASE.c.until > wrong),
    )
    # the row count of an INSERT is not known on PostgreSQL
    return (await connection.execute(statement.returning(_LEASE.c.name))).scalar() is not None


async def renew(connection: AsyncConnection, name: str, owner: str, until: datetime) -> bool:
    """Extend a lease that we hold; False says that somebody else took it over."""
    mine = and_(_LEASE.c.name == name, _LEASE.c.owner == owner)
    return (await connection.execute(update(_LEASE).where(mine).values(until=until))).rowcount == 1


async def give_back(connection: AsyncConnection, name: str, owner: str) -> None:
    """End a lease that we hold."""
    await connection.execute(delete(_LEASE).where(_LEASE.c.name == name, _LEASE.c.owner == owner))


async def keep(connection: AsyncConnection, turns: Sequence[Turn]) -> None:
    """Let nobody take these turns over before the transaction ends; raises Superseded when somebody did.

    The lock is shared: one job's transactions do not wait for each other. SQLite's is the transaction itself.
    """
    for turn in turns:
        kept = await connection.execute(_KEPT, {"name": turn.name, "owner": turn.owner})
        if kept.scalar() is None:
            raise superseded(turn.name)
