"""The scheme's members, as far as Mews needs to know them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.members import Member
from connector.store.rows import among, batches, table, upsert
from connector.store.tables import members as tables

_MEMBER, _NUMBER = table(tables.Member), table(tables.PartnerNumber)
_PLAIN = ("member_id", "number", "tier", "points", "expires_on", "state", "mews_id", "url")

Keys = Callable[[Member], Mapping[str, bytes | None]]
"""Returns ``email_key``, ``name_key`` and ``loyalty_key`` of a member."""


async def save(
    connection: AsyncConnection,
    members: Sequence[Member],
    generation: int,
    keys: Keys,
    digest: Callable[[Member], bytes],
) -> list[Member]:
    """Store members of one listing, e-mails and names as keyed hashes; return those that are new or say something else.

    ``digest`` tells that: of the others only the generation is written, for most of a large listing is as it was.
    """
    known = await _known(connection, [member.member_id for member in members])
    given = [(member, digest(member)) for member in members]
    changed = [(member, said) for member, said in given if known.get(member.member_id) != said]
    same = [member.member_id for member, said in given if known.get(member.member_id) == said]
    await _list_again(connection, same, generation)
    rows = [
        {name: getattr(member, name) for name in _PLAIN}
        | dict(keys(member))
        | {"digest": said, "generation": generation, "protected": False}
        for member, said in changed
    ]
    await upsert(connection, tables.Member, rows)
    return [member for member, _ in changed]


async def _known(connection: AsyncConnection, member_ids: Sequence[str]) -> dict[str, bytes]:
    """Return what stands for members as they are stored; one whose line was bad the last time is to be written anew."""
    known: dict[str, bytes] = {}
    for ids in batches(member_ids, 5000):
        plain = select(_MEMBER.c.member_id, _MEMBER.c.digest).where(_MEMBER.c.protected.is_(False))
        rows = await connection.execute(plain.where(among(connection, _MEMBER.c.member_id, ids)))
        known.update((row[0], row[1]) for row in rows)
    return known


async def _list_again(connection: AsyncConnection, member_ids: Sequence[str], generation: int) -> None:
    for ids in batches(member_ids, 5000):
        mine = and_(among(connection, _MEMBER.c.member_id, ids), _MEMBER.c.generation != generation)
        await connection.execute(update(_MEMBER).where(mine).values(generation=generation))


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


async def known(connection: AsyncConnection, words: Collection[str]) -> set[str]:
    """Return those of the words by which the scheme knows a member: its id, or its number."""
    if not words:
        return set()
    found: set[str] = set()
    for column in (_MEMBER.c.member_id, _MEMBER.c.number):
        found |= set((await connection.execute(select(column).where(among(connection, column, words)))).scalars())
    return found
