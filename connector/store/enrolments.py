"""What the scheme was asked about guests who want to join, remembered before each request is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Membership
from connector.store.rows import among, batches, table, upsert
from connector.store.tables import members

_ENROLMENT, _LINK, _MEMBER = table(members.Enrolment), table(members.Link), table(members.Member)
METHOD = "enrolment"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one request: asked and nothing heard, enrolled, or refused; since when."""

    outcome: Literal["asked", "enrolled", "refused"]
    at: datetime


async def of(connection: AsyncConnection, membership_ids: Sequence[str]) -> Mapping[str, Asked]:
    """Return what was asked about memberships, by their ids."""
    found: dict[str, Asked] = {}
    columns = (_ENROLMENT.c.membership_id, _ENROLMENT.c.outcome, _ENROLMENT.c.at)
    for ids in batches(membership_ids, 5000):
        rows = await connection.execute(select(*columns).where(among(connection, _ENROLMENT.c.membership_id, ids)))
        found.update((row[0], Asked(row[1], row[2])) for row in rows)
    return found


async def note(
    connection: AsyncConnection,
    membership_ids: Sequence[str],
    outcome: Literal["asked", "enrolled", "refused"],
    now: datetime,
    member_id: str | None = None,
) -> None:
    """Note that the scheme is about to be asked, or what it said."""
    rows = [{"membership_id": each, "outcome": outcome, "member_id": member_id, "at": now} for each in membership_ids]
    await upsert(connection, members.Enrolment, rows)


async def forget_refused(connection: AsyncConnection, standing: Collection[str]) -> list[str]:
    """Forget what the scheme refused of memberships that do not ask any more; return their ids."""
    rows = await connection.execute(select(_ENROLMENT.c.membership_id).where(_ENROLMENT.c.outcome == "refused"))
    gone = sorted(set(rows.scalars()) - set(standing))
    for ids in batches(gone, 5000):
        await connection.execute(delete(_ENROLMENT).where(among(connection, _ENROLMENT.c.membership_id, ids)))
    return gone


async def is_listed(connection: AsyncConnection, member_id: str, generation: int) -> bool:
    """Tell whether the scheme's present listing holds a member."""
    found = await connection.execute(
        select(_MEMBER.c.member_id).where(_MEMBER.c.member_id == member_id, _MEMBER.c.generation >= generation)
    )
    return found.first() is not None


async def tie(connection: AsyncConnection, member_id: str, membership: Membership, now: datetime) -> bool:
    """Link the member to the guest of a membership; return False when it is tied, or was, to somebody already."""
    if (await connection.execute(select(_LINK.c.account_id).where(_LINK.c.member_id == member_id))).first():
        return False
    row = {
        "member_id": member_id,
        "account_id": membership.account_id,
        "method": METHOD,
        "membership_id": membership.id,
        "linked_at": now,
    }
    await upsert(connection, members.Link, [row])
    return True


async def stay_listed(connection: AsyncConnection, generation: int, since: datetime) -> None:
    """Keep members that were made since a moment although the new listing does not hold them: it may be older."""
    made = select(_ENROLMENT.c.member_id).where(_ENROLMENT.c.outcome == "enrolled", _ENROLMENT.c.at >= since)
    mine = _MEMBER.c.member_id.in_(made)
    await connection.execute(
        update(_MEMBER).where(mine, _MEMBER.c.generation < generation).values(generation=generation)
    )
