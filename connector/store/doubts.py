"""Cases about members and the guests to whom they are tied, or might be."""

from __future__ import annotations

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import BY_PERSON, Doubt
from connector.store import merges
from connector.store.rows import table
from connector.store.suspense import Case
from connector.store.tables import loyalty, members

_MEMBER, _LINK = table(members.Member), table(members.Link)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)

_LIVING = and_(_GUEST.c.active.is_(True), _GUEST.c.merge_target_id.is_(None))


def told(member_id: str, doubt: Doubt, about: str = "") -> Case:
    """Return the case of a member in doubt."""
    return Case("member", member_id, doubt, f"member {member_id}{about}: {doubt.words}")


def sharing() -> Select[tuple[str, str]]:
    """Links of members of the present listing to one and the same guest: two guests were merged."""
    present = select(func.max(_MEMBER.c.generation)).scalar_subquery()
    links = (
        select(_LINK.c.member_id, _LINK.c.account_id)
        .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .where(_LINK.c.unlinked_at.is_(None), _MEMBER.c.generation == present)
        .cte("present_link")
    )
    shared = select(links.c.account_id).group_by(links.c.account_id).having(func.count() > 1)
    return select(links.c.member_id, links.c.account_id).where(links.c.account_id.in_(shared))


async def other_name(connection: AsyncConnection, program_id: str, generation: int) -> list[Case]:
    """Return a case for each member whose number stands on a guest of another last name."""
    found = await connection.execute(
        select(_MEMBER.c.member_id, _GUEST.c.id)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.number == _MEMBER.c.number)
        .join(_GUEST, _GUEST.c.id == _MEMBERSHIP.c.account_id)
        .where(
            _MEMBER.c.generation == generation,
            ~exists().where(_LINK.c.member_id == _MEMBER.c.member_id),
            _LIVING,
            _MEMBERSHIP.c.program_id == program_id,
            _MEMBERSHIP.c.deleted.is_(False),
            _MEMBERSHIP.c.provider_id.is_(None),
            _GUEST.c.name_key.is_distinct_from(_MEMBER.c.name_key),
        )
        .order_by(_MEMBER.c.member_id)
    )
    return [told(member_id, Doubt.NUMBER_OTHER_NAME, f", guest {account_id}") for member_id, account_id in found]


async def twice_enrolled(connection: AsyncConnection, program_id: str) -> list[Case]:
    """Return a case for each linked guest with several living memberships of the program."""
    several = (
        select(_MEMBERSHIP.c.account_id)
        .where(_MEMBERSHIP.c.program_id == program_id, _MEMBERSHIP.c.deleted.is_(False))
        .group_by(_MEMBERSHIP.c.account_id)
        .having(func.count() > 1)
    )
    found = await connection.execute(
        select(_LINK.c.member_id, _LINK.c.account_id)
        .where(_LINK.c.account_id.in_(several), _LINK.c.unlinked_at.is_(None))
        .order_by(_LINK.c.member_id)
    )
    return [told(member_id, Doubt.TWO_MEMBERSHIPS, f", guest {account_id}") for member_id, account_id in found]


async def other_mews_id(connection: AsyncConnection, generation: int) -> list[Case]:
    """Return a case for each listed member whose Mews id is another living guest's than the one found before."""
    named = (
        select(_MEMBER.c.member_id, _MEMBER.c.mews_id.label("account_id"))
        .join(_LINK, _LINK.c.member_id == _MEMBER.c.member_id)
        .where(
            _MEMBER.c.mews_id > "",  # by the index: of most schemes no member has one
            _MEMBER.c.generation >= generation,
            _LINK.c.unlinked_at.is_(None),
            _LINK.c.method != BY_PERSON,
            _LINK.c.account_id != _MEMBER.c.mews_id,
        )
    )
    living = merges.survivors(named)
    found = await connection.execute(
        select(living.c.member_id, _GUEST.c.id)
        .join(_GUEST, _GUEST.c.id == living.c.account_id)
        .join(_LINK, _LINK.c.member_id == living.c.member_id)
        .where(_LIVING, _GUEST.c.id != _LINK.c.account_id)
        .order_by(living.c.member_id)
    )
    return [told(member_id, Doubt.OTHER_MEWS_ID, f", guest {account_id}") for member_id, account_id in found]


async def deleted_profile(connection: AsyncConnection, generation: int) -> list[Case]:
    """Return a case for each listed member whom a person linked to a guest that was deleted in Mews, and not merged."""
    deleted = select(_GUEST.c.id).where(_GUEST.c.active.is_(False), _GUEST.c.merge_target_id.is_(None))
    found = await connection.execute(
        select(_LINK.c.member_id, _LINK.c.account_id)
        .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .where(
            _LINK.c.account_id.in_(deleted),
            _LINK.c.unlinked_at.is_(None),
            _LINK.c.method == BY_PERSON,
            _MEMBER.c.generation >= generation,
        )
        .order_by(_LINK.c.member_id)
    )
    return [told(member_id, Doubt.DELETED_PROFILE, f", guest {account_id}") for member_id, account_id in found]
