"""The scheme's numbers at partners, beside the memberships of the same guests in the partner's program."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Membership
from connector.domain.matching import Doubt
from connector.domain.partner_numbers import Known
from connector.store import sharing, suspense
from connector.store.loyalty import MEMBERSHIP_COLUMNS
from connector.store.rows import among, batches, table
from connector.store.tables import loyalty, members

_NUMBER, _MEMBER, _LINK = table(members.PartnerNumber), table(members.Member), table(members.Link)
_MEMBERSHIP, _GUEST, _PROGRAM = table(loyalty.Membership), table(loyalty.Guest), table(loyalty.Program)


async def page(
    connection: AsyncConnection, code: str, program_id: str, generation: int, after: str, limit: int
) -> list[Known]:
    """Return up to ``limit`` numbers of listed, linked members with a living profile of their own, by member id.

    Of members who do not share with partners none is.
    """
    other, its = _LINK.alias(), _MEMBER.alias()
    shared = exists().where(
        other.c.account_id == _LINK.c.account_id,
        other.c.member_id != _LINK.c.member_id,
        other.c.unlinked_at.is_(None),
        its.c.member_id == other.c.member_id,
        its.c.generation >= generation,
    )
    numbers = (
        select(_NUMBER.c.member_id, _LINK.c.account_id, _NUMBER.c.number)
        .join(_MEMBER, _MEMBER.c.member_id == _NUMBER.c.member_id)
        .join(_LINK, _LINK.c.member_id == _NUMBER.c.member_id)
        .join(_GUEST, _GUEST.c.id == _LINK.c.account_id)
        .where(
            _NUMBER.c.program_code == code,
            _NUMBER.c.member_id > after,
            _MEMBER.c.generation >= generation,
            _MEMBER.c.protected.is_(False),
            _LINK.c.unlinked_at.is_(None),
            _GUEST.c.active.is_(True),
            _MEMBER.c.share.is_distinct_from(False),
            ~sharing.said(sharing.MEMBER, _MEMBER.c.member_id),
            ~sharing.said(sharing.GUEST, _LINK.c.account_id),
            ~shared,
            ~suspense.has("member", _LINK.c.member_id, Doubt.OTHER_MEWS_ID),
        )
        .order_by(_NUMBER.c.member_id)
        .limit(limit)
        .subquery()
    )
    held = and_(_MEMBERSHIP.c.account_id == numbers.c.account_id, _MEMBERSHIP.c.program_id == program_id)
    rows = await connection.execute(
        select(*numbers.c, *MEMBERSHIP_COLUMNS)
        .outerjoin_from(numbers, _MEMBERSHIP, held)
        .order_by(numbers.c.member_id, _MEMBERSHIP.c.id)
    )
    return [
        Known(member_id, account_id, number, tuple(Membership(*row[3:]) for row in group if row[3] is not None))
        for (member_id, account_id, number), group in groupby(rows, key=itemgetter(0, 1, 2))
    ]


async def unwritten(connection: AsyncConnection, account_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the programs in which the scheme knows a number of a guest who never had a membership there, by guest."""
    had = (
        exists()
        .where(_MEMBERSHIP.c.account_id == _LINK.c.account_id, _MEMBERSHIP.c.program_id == _PROGRAM.c.id)
        .where(_PROGRAM.c.code == _NUMBER.c.program_code)
    )
    found: dict[str, frozenset[str]] = {}
    for some in batches(account_ids, 5000):
        rows = await connection.execute(
            select(_LINK.c.account_id, _NUMBER.c.program_code)
            .join(_NUMBER, _NUMBER.c.member_id == _LINK.c.member_id)
            .where(among(connection, _LINK.c.account_id, some), _LINK.c.unlinked_at.is_(None), ~had)
        )
        for account_id, code in rows:
            found[account_id] = found.get(account_id, frozenset()) | {code}
    return found
