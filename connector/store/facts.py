"""Single facts about the database: its chain, the scheme file that was loaded last, a backup's mark."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Misconfigured
from connector.store.rows import insert, table, upsert
from connector.store.tables.running import Fact

HASH_KEY = "hash_key"  # the fingerprint of the key that the database has worked with
_FACT = table(Fact)


async def read(connection: AsyncConnection, name: str) -> str | None:
    """Return a fact, None if it was never stored."""
    return (await connection.execute(select(_FACT.c.value).where(_FACT.c.name == name))).scalar()


async def beginning(connection: AsyncConnection, prefix: str) -> list[tuple[str, str]]:
    """Return the facts whose names begin with ``prefix``, by name."""
    mine = select(_FACT.c.name, _FACT.c.value).where(_FACT.c.name.startswith(prefix, autoescape=True))
    return [(row[0], row[1]) for row in await connection.execute(mine.order_by(_FACT.c.name))]


async def write(connection: AsyncConnection, name: str, value: str) -> None:
    """Store a fact."""
    await upsert(connection, Fact, [{"name": name, "value": value}])


async def once(connection: AsyncConnection, name: str, value: str) -> str:
    """Store a fact unless it is there, and return what is: of several processes one is the first."""
    await connection.execute(insert(connection, _FACT).values(name=name, value=value).on_conflict_do_nothing())
    return await read(connection, name) or value


async def holds(connection: AsyncConnection, prefix: str, part: str) -> bool:
    """Tell whether a fact whose name begins with ``prefix`` has ``part`` in its value."""
    found = select(_FACT.c.name).where(
        _FACT.c.name.startswith(prefix, autoescape=True), _FACT.c.value.contains(part, autoescape=True)
    )
    return (await connection.execute(found.limit(1))).first() is not None


async def forget(connection: AsyncConnection, name: str) -> None:
    """Remove a fact."""
    await connection.execute(delete(_FACT).where(_FACT.c.name == name))


async def hold_chain(connection: AsyncConnection, chain_id: str) -> None:
    """Tie the database to one chain: keys of awards are made of its id.

    Raises Misconfigured when the database belongs to another chain.
    """
    known = await read(connection, "chain_id")
    if known is None:
        await write(connection, "chain_id", chain_id)
    elif known != chain_id:
        raise Misconfigured(
            f"database: it belongs to chain {known}, the access tokens see chain {chain_id}; "
            "expected one database per chain"
        )
