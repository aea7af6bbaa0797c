"""The observed side of alignment: memberships that are nobody's, what other programs hold, intents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import ACTIVE_STATES, Membership
from connector.store.loyalty import MEMBERSHIP_COLUMNS
from connector.store.rows import batches, table, upsert
from connector.store.tables import loyalty, members

_MEMBER, _LINK, _INTENT = table(members.Member), table(members.Link), table(members.Intent)
_MEMBERSHIP, _GUEST = table(loyalty.Membership), table(loyalty.Guest)
_CANDIDATE, _EDIT = table(members.Candidate), table(members.Edit)


async def unknown(
    connection: AsyncConnection,
    program_id: str,
    generation: int,
    after: str,
    limit: int,
    *,
    states: Collection[str] = ACTIVE_STATES,
) -> list[Membership]:
    """Return memberships of the program, active or of some states, that are nobody's in the scheme, by id.

    Whoever may be a listed member is left out, although nobody could say yet which one: a guest whom matching
    proposed or staff unlinked, and a membership that carries the number or the id of a listed member.
    """
    listed = _MEMBER.c.generation >= generation
    rows = await connection.execute(
        select(*MEMBERSHIP_COLUMNS)
        .where(
            _MEMBERSHIP.c.program_id == program_id,
            _MEMBERSHIP.c.deleted.is_(False),
            _MEMBERSHIP.c.state.in_(states),
            _MEMBERSHIP.c.id > after,
            ~exists().where(_LINK.c.account_id == _MEMBERSHIP.c.account_id),
            ~exists().where(_CANDIDATE.c.account_id == _MEMBERSHIP.c.account_id),
            ~exists().where(_LINK.c.membership_id == _MEMBERSHIP.c.id),
            ~exists().where(_MEMBER.c.number == _MEMBERSHIP.c.number, listed),
            ~exists().where(_MEMBER.c.member_id == _MEMBERSHIP.c.provider_id, listed),
        )
        .order_by(_MEMBERSHIP.c.id)
        .limit(limit)
    )
    return [Membership(*row) for row in rows]


async def other_actives(connection: AsyncConnection, program_id: str, account_ids: Sequence[str]) -> Mapping[str, int]:
    """Return how many active memberships of other programs guests have, by guest."""
    found: dict[str, int] = {}
    for ids in batches(account_ids, 5000):
        rows = await connection.execute(
            select(_MEMBERSHIP.c.account_id, func.count())
            .where(
                _MEMBERSHIP.c.account_id.in_(ids),
                _MEMBERSHIP.c.program_id != program_id,
                _MEMBERSHIP.c.deleted.is_(False),
                _MEMBERSHIP.c.state.in_(ACTIVE_STATES),
            )
            .group_by(_MEMBERSHIP.c.account_id)
        )
        found.update((row[0], int(row[1])) for row in rows)
    return found


async def living(connection: AsyncConnection, account_ids: Sequence[str]) -> set[str]:
    """Return which of the guests are active profiles."""
    found: set[str] = set()
    for ids in batches(account_ids, 5000):
        rows = await connection.execute(select(_GUEST.c.id).where(_GUEST.c.id.in_(ids), _GUEST.c.active.is_(True)))
        found.update(rows.scalars())
    return found


async def intend(
    connection: AsyncConnection, program_id: str, members_by_account: Mapping[str, str], now: datetime
) -> None:
    """Store that memberships are about to be added."""
    rows = [
        {"account_id": account_id, "program_id": program_id, "member_id": member_id, "created_at": now}
        for account_id, member_id in members_by_account.items()
    ]
    await upsert(connection, members.Intent, rows)


async def fulfil(connection: AsyncConnection, program_id: str, account_ids: Iterable[str]) -> None:
    """Remove intents whose outcome is known."""
    for ids in batches(list(account_ids), 5000):
        await connection.execute(
            delete(_INTENT).where(_INTENT.c.program_id == program_id, _INTENT.c.account_id.in_(ids))
        )


async def intents(connection: AsyncConnection, program_id: str) -> dict[str, datetime]:
    """Return the guests with an open intent, and since when."""
    rows = await connection.execute(
        select(_INTENT.c.account_id, _INTENT.c.created_at).where(_INTENT.c.program_id == program_id)
    )
    return {row[0]: row[1] for row in rows}


async def forget_memberships(connection: AsyncConnection, membership_ids: Sequence[str], at: datetime) -> None:
    """Take memberships that we deleted off their links, so that they do not look deleted by staff; note when we did."""
    for ids in batches(membership_ids, 5000):
        mine = _LINK.c.membership_id.in_(ids)
        await connection.execute(update(_LINK).where(mine).values(membership_id=None, cancelled_at=at))


async def note_cancelled(connection: AsyncConnection, membership_ids: Sequence[str], at: datetime | None) -> None:
    """Note on links that we cancelled their membership (None: that it was written again since)."""
    for ids in batches(membership_ids, 5000):
        statement = update(_LINK).where(_LINK.c.membership_id.in_(ids))
        if at is None:
            statement = statement.where(_LINK.c.cancelled_at.is_not(None))
        await connection.execute(statement.values(cancelled_at=at))
