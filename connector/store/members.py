"""The scheme's members, as far as Mews needs to know them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.members import Member
from connector.store.rows import batches, table, upsert
from connector.store.tables import members as tables

_MEMBER, _NUMBER = table(tables.Member), table(tables.PartnerNumber)
_PLAIN = ("member_id", "number", "tier", "points", "expires_on", "state", "mews_id", "url")

Keys = Callable[[Member], Mapping[str, bytes | None]]
"""Returns ``email_key``, ``name_key`` and ``loyalty_key`` of a member."""


async def save(connection: AsyncConnection, members: Iterable[Member], generation: int, keys: Keys) -> None:
    """Store members of one listing, e-mails and names as keyed hashes."""
    rows = [
        {name: getattr(member, name) for name in _PLAIN}
        | dict(keys(member))
        | {"generation": generation, "protected": False}
        for member in members
    ]
    await upsert(connection, tables.Member, rows)


async def save_partner_numbers(
    connection: AsyncConnection, members: Sequence[Member], programs: Collection[str]
) -> None:
    """Store what these members' numbers in these programs are now; a program that is not named is left as it is."""
    if not programs:
        return
    for some in batches([member.member_id for member in members], 5000):
        mine = _NUMBER.c.member_id.in_(some)
        await connection.execute(delete(_NUMBER).where(mine, _NUMBER.c.program_code.in_(list(programs))))
    rows = [
        {"member_id": member.member_id, "program_code": code, "number": number}
        for member in members
        for code, number in member.partner_numbers.items()
        if number is not None
    ]
    await upsert(connection, tables.PartnerNumber, rows)


async def protect(connection: AsyncConnection, member_ids: Iterable[str], generation: int) -> None:
    """Keep members of unreadable lines from removal: they are in the listing, only their data is not known."""
    for some in batches(list(member_ids), 5000):
        await connection.execute(
            update(_MEMBER).where(_MEMBER.c.member_id.in_(some)).values(generation=generation, protected=True)
        )


async def count(connection: AsyncConnection, generation: int | None = None) -> int:
    """Return how many members are known, or are in one listing."""
    statement = select(func.count()).select_from(_MEMBER)
    if generation is not None:
        statement = statement.where(_MEMBER.c.generation == generation)
    return int((await connection.execute(statement)).scalar_one())
