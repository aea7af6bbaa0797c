"""Member numbers of a partner's program as the mirror holds them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables import loyalty as tables

_MEMBERSHIP, _PROGRAM = table(tables.Membership), table(tables.Program)


async def page(connection: AsyncConnection, program_code: str, after: str, limit: int) -> list[tuple[str, str]]:
    """Return (membership id, number as typed) of memberships that are not deleted, by id, from ``after`` on."""
    rows = await connection.execute(
        select(_MEMBERSHIP.c.id, _MEMBERSHIP.c.number)
        .join(_PROGRAM, _PROGRAM.c.id == _MEMBERSHIP.c.program_id)
        .where(
            _PROGRAM.c.code == program_code,
            _MEMBERSHIP.c.id > after,
            _MEMBERSHIP.c.deleted.is_(False),
            _MEMBERSHIP.c.number.is_not(None),
        )
        .order_by(_MEMBERSHIP.c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]
