"""The mirror of Mews's loyalty records and guests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import ACTIVE_STATES, Guest, Membership, Program, Tier
from connector.store import edits, holdings
from connector.store.rows import among, batches, table, upsert, upsert_values
from connector.store.tables import loyalty as tables

_PROGRAM, _TIER = table(tables.Program), table(tables.Tier)
_MEMBERSHIP, _GUEST = table(tables.Membership), table(tables.Guest)

MEMBERSHIP_COLUMNS = tuple(_MEMBERSHIP.c[name] for name in Membership._fields)

#: Where a number came from: Mews does not tell whether staff, the guest or a booking channel gave it.
MEWS, SCHEME = "mews", "scheme"
_NUMBER = ("number_source", "number_seen_at")

_GUEST_FIELDS = (
    "id",
    "active",
    "merge_target_id",
    "has_ota_email",
    "updated",
    "classifications",
    "email_key",
    "name_key",
    "loyalty_key",
)

Keys = Callable[[Guest], Mapping[str, bytes | None]]
"""Returns ``email_key``, ``name_key`` and ``loyalty_key`` of a guest."""


async def replace_programs(connection: AsyncConnection, programs: Sequence[Program], tiers: Sequence[Tier]) -> None:
    """Store the full listing of programs and tiers; what is not in it is gone."""
    await connection.execute(delete(_TIER))
    await connection.execute(delete(_PROGRAM))
    await upsert(connection, tables.Program, [_fields(p, _PROGRAM.c.keys()) for p in programs])
    await upsert(connection, tables.Tier, [_fields(t, _TIER.c.keys()) for t in tiers])


async def programs(connection: AsyncConnection) -> list[Program]:
    """Return the programs as last listed."""
    return [Program(*row) for row in await connection.execute(select(_PROGRAM).order_by(_PROGRAM.c.code))]


async def tiers(connection: AsyncConnection) -> list[Tier]:
    """Return the tiers as last listed."""
    return [Tier(*row) for row in await connection.execute(select(_TIER).order_by(_TIER.c.ordering, _TIER.c.id))]


async def save_memberships(
    connection: AsyncConnection,
    memberships: Sequence[Membership],
    seen_at: datetime | None = None,
    *,
    made_at: datetime | None = None,
) -> None:
    """Store memberships as Mews shows them; those that are known like this are not written.

    ``seen_at``: they come from a listing of that moment, so that a difference is somebody else's edit, and noted.
    ``made_at``: they were just added for the scheme. A new number keeps when it was first seen, and where from.
    """
    if seen_at is not None:
        await edits.note(connection, memberships, seen_at)
    guests = await holdings.touched(connection, memberships)
    number = (MEWS, seen_at) if seen_at else (SCHEME, made_at) if made_at else (None, None)
    names = (*Membership._fields, *_NUMBER)
    rows = ((*each, *number) for each in memberships)
    await upsert_values(connection, tables.Membership, names, rows, follow=dict.fromkeys(_NUMBER, "number"))
    await holdings.decide_again(connection, guests)


async def mark_memberships_deleted(connection: AsyncConnection, ids: Sequence[str]) -> int:
    """Mark memberships as deleted in Mews; return how many were not known to be."""
    changed = 0
    for some in batches(ids, 5000):
        statement = update(_MEMBERSHIP).where(_MEMBERSHIP.c.id.in_(some), _MEMBERSHIP.c.deleted.is_(False))
        changed += (await connection.execute(statement.values(deleted=True))).rowcount
        await holdings.decide_again(connection, await holdings.accounts(connection, some))
    return changed


async def memberships_of(
    connection: AsyncConnection, account_ids: Sequence[str], program_ids: Sequence[str]
) -> dict[str, list[Membership]]:
    """Return the memberships of guests in some programs, deleted ones left out, by guest."""
    found: dict[str, list[Membership]] = {}
    for some in batches(account_ids, 5000):
        rows = await connection.execute(
            select(*MEMBERSHIP_COLUMNS)
            .where(
                among(connection, _MEMBERSHIP.c.account_id, some),
                _MEMBERSHIP.c.program_id.in_(program_ids),
                _MEMBERSHIP.c.deleted.is_(False),
            )
            .order_by(_MEMBERSHIP.c.id)
        )
        for row in rows:
            found.setdefault(row.account_id, []).append(Membership(*row))
    return found


async def count_in_programs(connection: AsyncConnection, program_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return how many memberships programs have that are not deleted, and how many of those are active, by program."""
    return await _count(connection, _MEMBERSHIP.c.program_id, _MEMBERSHIP.c.program_id.in_(program_ids))


async def count_on_tiers(
    connection: AsyncConnection, program_ids: Sequence[str], tier_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return how many memberships are on tiers and not deleted, and how many of those are active, by tier.

    ``program_ids`` are the programs of these tiers: there is an index for those only.
    """
    of_programs = _MEMBERSHIP.c.program_id.in_(program_ids)
    return await _count(connection, _MEMBERSHIP.c.tier_id, of_programs & _MEMBERSHIP.c.tier_id.in_(tier_ids))


async def _count(
    connection: AsyncConnection, by: ColumnElement[str], where: ColumnElement[bool]
) -> dict[str, tuple[int, int]]:
    active = func.count(case((_MEMBERSHIP.c.state.in_(ACTIVE_STATES), 1)))
    living = select(by, func.count(), active).where(where, _MEMBERSHIP.c.deleted.is_(False))
    return {row[0]: (row[1], row[2]) for row in await connection.execute(living.group_by(by))}


async def save_guests(connection: AsyncConnection, guests: Iterable[Guest], keys: Keys) -> None:
    """Store guests with keyed hashes in place of e-mails and names; those that are known like this are not written."""
    await upsert_values(connection, tables.Guest, _GUEST_FIELDS, (_guest_values(guest, keys) for guest in guests))


def _guest_values(guest: Guest, keys: Keys) -> tuple[object, ...]:
    hashed = keys(guest)
    return (
        guest.id,
        guest.active,
        guest.merge_target_id,
        guest.has_ota_email,
        guest.updated,
        " ".join(sorted(guest.classifications)) if guest.classifications else "",
        hashed["email_key"],
        hashed["name_key"],
        hashed["loyalty_key"],
    )


async def classifications(connection: AsyncConnection, account_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the classifications of guests, by guest; one not in the mirror is missing."""
    known: dict[str, frozenset[str]] = {}
    for some in batches(account_ids, 5000):
        mine = among(connection, _GUEST.c.id, some)
        rows = await connection.execute(select(_GUEST.c.id, _GUEST.c.classifications).where(mine))
        known.update((row[0], frozenset(row[1].split())) for row in rows)
    return known


async def survivors(connection: AsyncConnection, account_ids: Sequence[str]) -> dict[str, str]:
    """Return, for guests that were merged into another profile, the profile that lives (merges are followed)."""
    final: dict[str, str] = {account: account for account in account_ids}
    frontier = set(account_ids)
    for _ in range(10):  # a chain of merges longer than this is a loop
        if not frontier:
            break
        targets = await _merge_targets(connection, list(frontier))
        for account, now in final.items():
            final[account] = targets.get(now, now)
        frontier = set(targets.values())
    return {account: now for account, now in final.items() if account != now}


async def _merge_targets(connection: AsyncConnection, account_ids: Sequence[str]) -> dict[str, str]:
    targets: dict[str, str] = {}
    for some in batches(account_ids, 5000):
        rows = await connection.execute(
            select(_GUEST.c.id, _GUEST.c.merge_target_id).where(
                among(connection, _GUEST.c.id, some), _GUEST.c.merge_target_id.is_not(None)
            )
        )
        targets.update((row[0], row[1]) for row in rows)
    return targets


def _fields(record: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(record, name) for name in names}


async def change_memberships(
    connection: AsyncConnection, changes: Mapping[str, Mapping[str, object]], now: datetime | None = None
) -> None:
    """Set fields of memberships, as Mews was just told to ``now``."""
    groups: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for membership_id, told in changes.items():
        fields = {**told, **(dict(zip(_NUMBER, (SCHEME, now), strict=True)) if "number" in told else {})}
        groups.setdefault(tuple(sorted(fields)), []).append(
            {"_id": membership_id} | {f"_{n}": v for n, v in fields.items()}
        )
    for names, rows in groups.items():
        statement = update(_MEMBERSHIP).where(_MEMBERSHIP.c.id == bindparam("_id"))
        await connection.execute(statement.values({name: bindparam(f"_{name}") for name in names}), rows)
    numbered = [each for each, fields in changes.items() if "number" in fields]
    await holdings.decide_again(connection, await holdings.accounts(connection, numbered))
