"""Going on at once where a dead process of this machine stopped, without waiting for its leases to end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import State
from connector.store import runs
from connector.store.rows import table
from connector.store.tables.ledger import Message
from connector.store.tables.running import Lease

_LEASE, _MESSAGE = table(Lease), table(Message)


async def take_over(connection: AsyncConnection, is_dead: Callable[[str], bool], now: datetime) -> None:
    """End the leases and runs of dead processes; what they had under way is to be looked at now."""
    for owner in await _owners(connection):
        if is_dead(owner):
            await connection.execute(delete(_LEASE).where(_LEASE.c.owner == owner))
            await runs.interrupt(connection, owner, now)
            under_way = and_(_MESSAGE.c.state == State.IN_FLIGHT, _MESSAGE.c.owner == owner)
            await connection.execute(
                update(_MESSAGE).where(under_way, _MESSAGE.c.lease_until > now).values(lease_until=now)
            )


async def _owners(connection: AsyncConnection) -> set[str]:
    leases = await connection.execute(select(_LEASE.c.owner))
    sending = await connection.execute(select(_MESSAGE.c.owner).where(_MESSAGE.c.state == State.IN_FLIGHT))
    running = await runs.instances(connection)
    return {owner for owner in (*leases.scalars(), *sending.scalars(), *running) if owner}
