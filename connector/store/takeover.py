"""What a process may do that holds the exclusive lock: whoever held leases or had requests under way is dead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import State
from connector.store.rows import table
from connector.store.tables.ledger import Message
from connector.store.tables.running import Lease

_LEASE, _MESSAGE = table(Lease), table(Message)


async def take_over(connection: AsyncConnection, now: datetime) -> None:
    """End the leases of dead processes; their messages in flight are to be looked at now."""
    await connection.execute(delete(_LEASE))
    abandoned = _MESSAGE.c.state == State.IN_FLIGHT
    await connection.execute(update(_MESSAGE).where(abandoned, _MESSAGE.c.lease_until > now).values(lease_until=now))
