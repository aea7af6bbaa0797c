"""Matching members to guests by set-based joins over indexed keys; nothing is loaded into memory.

Each method in the configured order proposes pairs for members that have no link and no proposal of an earlier
method; then pairs that are unique both ways become links, all others become suspense.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import Doubt
from connector.store import doubts, suspense
from connector.store.rows import insert, table
from connector.store.suspense import Case
from connector.store.tables import loyalty, members

_MEMBER, _LINK, _CANDIDATE = table(members.Member), table(members.Link), table(members.Candidate)
_HARM = table(members.Harm)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)

_LIVING = and_(_GUEST.c.active.is_(True), _GUEST.c.merge_target_id.is_(None))


async def remember_memberships(connection: AsyncConnection, program_id: str) -> None:
    """Note on each link which membership is the member's, so that its deletion by staff can be told.

    Of several it is the one with the member's id, whatever staff typed beside it.
    """
    mine = _held(program_id)
    ours = select(func.min(_MEMBERSHIP.c.id)).where(mine, _MEMBERSHIP.c.provider_id == _LINK.c.member_id)
    any_ = select(func.min(_MEMBERSHIP.c.id)).where(mine)
    found = func.coalesce(ours.scalar_subquery(), any_.scalar_subquery())
    await connection.execute(
        update(_LINK).where(_LINK.c.membership_id.is_(None), exists().where(mine)).values(membership_id=found)
    )


async def respect_unlinking(connection: AsyncConnection, program_id: str, now: datetime) -> list[Case]:
    """End the links whose membership a person deleted or moved in Mews; return a case for each that ended now.

    Not those of whom staff were told that the guest holds the program twice, when one is left: see ``_keep_the_other``.
    A membership of another program was remembered before the scheme's was changed, and says nothing about this one.
    """
    if (await connection.execute(_strays(program_id))).first() is None:
        return []
    await connection.execute(update(_LINK).where(_TIED, _elsewhere(program_id)).values(membership_id=None))
    await connection.execute(update(_LINK).where(_DELETED, _OUR_DELETION).values(membership_id=None))
    await _keep_the_other(connection, program_id)
    ended = and_(_TIED, or_(_DELETED, _MOVED))
    found = list((await connection.execute(select(_LINK.c.member_id).where(ended))).scalars())
    await connection.execute(update(_LINK).where(ended).values(unlinked_at=now))
    return [doubts.case(member_id, Doubt.UNLINKED_BY_STAFF) for member_id in found]


async def _keep_the_other(connection: AsyncConnection, program_id: str) -> None:
    """Give links whose membership went the one that was known beside it, if that is left alone and may be the member's.

    Its number or provider id must not be another member's: then staff gave the guest to somebody else.
    """
    left, number = _held(program_id), _MEMBER.c.number
    fits = and_(
        _MEMBER.c.member_id == _LINK.c.member_id,
        func.coalesce(_MEMBERSHIP.c.provider_id, _MEMBER.c.member_id) == _MEMBER.c.member_id,
        or_(number.is_(None), _MEMBERSHIP.c.number.is_(None), _MEMBERSHIP.c.number == number),
    )
    told = suspense.has("member", _LINK.c.member_id, Doubt.TWO_MEMBERSHIPS)
    alone = select(func.count()).select_from(_MEMBERSHIP).where(left).scalar_subquery() == 1
    other = select(func.min(_MEMBERSHIP.c.id)).where(left).scalar_subquery()
    went = and_(_TIED, or_(_DELETED, _MOVED), told, alone, exists().where(left, fits))
    await connection.execute(update(_LINK).where(went).values(membership_id=other))


def _held(program_id: str) -> ColumnElement[bool]:
    """Return that a membership is a living one of the program on the guest of the link."""
    return and_(
        _MEMBERSHIP.c.account_id == _LINK.c.account_id,
        _MEMBERSHIP.c.program_id == program_id,
        _MEMBERSHIP.c.deleted.is_(False),
    )


def _strays(program_id: str) -> Select[tuple[str]]:
    """Return one link whose membership is not where it was; mostly there is none, and nothing else is asked."""
    columns = _MEMBERSHIP.c
    stray = or_(columns.deleted.is_(True), columns.account_id != _LINK.c.account_id, columns.program_id != program_id)
    return select(_LINK.c.member_id).join(_MEMBERSHIP, columns.id == _LINK.c.membership_id).where(_TIED, stray).limit(1)


def _elsewhere(program_id: str) -> ColumnElement[bool]:
    return exists().where(_MEMBERSHIP.c.id == _LINK.c.membership_id, _MEMBERSHIP.c.program_id != program_id)


_TIED = _LINK.c.unlinked_at.is_(None)
_DELETED = _LINK.c.membership_id.in_(select(_MEMBERSHIP.c.id).where(_MEMBERSHIP.c.deleted.is_(True)))
_MOVED = exists().where(_MEMBERSHIP.c.id == _LINK.c.membership_id, _MEMBERSHIP.c.account_id != _LINK.c.account_id)
_OUR_DELETION = _LINK.c.membership_id.in_(select(_HARM.c.membership_id).where(_HARM.c.deletes.is_(True)))


async def propose(connection: AsyncConnection, methods: Sequence[str], program_id: str, generation: int) -> None:
    """Fill the candidates, method by method."""
    await connection.execute(delete(_CANDIDATE))
    free = and_(
        _MEMBER.c.generation == generation,
        ~exists().where(_LINK.c.member_id == _MEMBER.c.member_id),
        ~exists().where(_CANDIDATE.c.member_id == _MEMBER.c.member_id),
    )
    for method in methods:
        for pairs in _METHODS[method](free, program_id):
            statement = insert(connection, _CANDIDATE).from_select(["member_id", "account_id", "method"], pairs)
            await connection.execute(statement.on_conflict_do_nothing())


def _pairs(method: str, on: ColumnElement[bool], free: ColumnElement[bool]) -> Select[tuple[str, str, str]]:
    return select(_MEMBER.c.member_id, _GUEST.c.id, literal(method)).join(_GUEST, on).where(free, _LIVING).distinct()


def _by_mews_id(free: ColumnElement[bool], _program: str) -> list[Select[tuple[str, str, str]]]:
    return [_pairs("mews_id", _GUEST.c.id == _MEMBER.c.mews_id, free)]


def _by_membership(free: ColumnElement[bool], program_id: str) -> list[Select[tuple[str, str, str]]]:
    """The provider id is ours; a number was typed by staff or a channel, so the last name must agree."""
    ours = _MEMBERSHIP.c.provider_id == _MEMBER.c.member_id
    typed = and_(_MEMBERSHIP.c.number == _MEMBER.c.number, _GUEST.c.name_key == _MEMBER.c.name_key)
    return [
        select(_MEMBER.c.member_id, _GUEST.c.id, literal("membership"))
        .select_from(_MEMBER)
        .join(_MEMBERSHIP, key)
        .join(_GUEST, _GUEST.c.id == _MEMBERSHIP.c.account_id)
        .where(free, _LIVING, _MEMBERSHIP.c.program_id == program_id, _MEMBERSHIP.c.deleted.is_(False), extra)
        .distinct()
        for key, extra in (
            (ours, _LIVING),
            (_MEMBERSHIP.c.number == _MEMBER.c.number, typed),
        )
    ]


def _by_loyalty_code(free: ColumnElement[bool], _program: str) -> list[Select[tuple[str, str, str]]]:
    return [_pairs("loyalty_code", _GUEST.c.loyalty_key == _MEMBER.c.loyalty_key, free)]


def _by_email_and_name(free: ColumnElement[bool], _program: str) -> list[Select[tuple[str, str, str]]]:
    same = and_(_GUEST.c.email_key == _MEMBER.c.email_key, _GUEST.c.has_ota_email.is_(False))
    return [_pairs("email_and_name", same, free)]


_METHODS = {
    "mews_id": _by_mews_id,
    "membership": _by_membership,
    "loyalty_code": _by_loyalty_code,
    "email_and_name": _by_email_and_name,
}

_SEVERAL_GUESTS = select(_CANDIDATE.c.member_id).group_by(_CANDIDATE.c.member_id).having(func.count() > 1)
_SEVERAL_MEMBERS = select(_CANDIDATE.c.account_id).group_by(_CANDIDATE.c.account_id).having(func.count() > 1)
_TAKEN = select(_LINK.c.account_id).where(_LINK.c.unlinked_at.is_(None))


async def settle(connection: AsyncConnection, now: datetime) -> tuple[int, list[Case]]:
    """Turn candidates that are unique both ways into links; return how many, and the cases of the others."""
    unique = and_(
        _CANDIDATE.c.member_id.not_in(_SEVERAL_GUESTS),
        _CANDIDATE.c.account_id.not_in(_SEVERAL_MEMBERS),
        _CANDIDATE.c.account_id.not_in(_TAKEN),
    )
    cases = await _ambiguous(connection)
    pairs = select(
        _CANDIDATE.c.member_id,
        _CANDIDATE.c.account_id,
        _CANDIDATE.c.method,
        literal(now, _LINK.c.linked_at.type),
    ).where(unique)
    before = await count_links(connection)  # the row count of an INSERT is not known on PostgreSQL
    statement = insert(connection, _LINK).from_select(["member_id", "account_id", "method", "linked_at"], pairs)
    await connection.execute(statement.on_conflict_do_nothing())  # a person may link one meanwhile
    return await count_links(connection) - before, cases


async def _ambiguous(connection: AsyncConnection) -> list[Case]:
    several = await connection.execute(
        select(_CANDIDATE.c.member_id, func.count())
        .group_by(_CANDIDATE.c.member_id)
        .having(func.count() > 1)
        .order_by(_CANDIDATE.c.member_id)
    )
    cases = [doubts.case(member_id, Doubt.TWO_CANDIDATES, f", {found} guests") for member_id, found in several]
    claimed = await connection.execute(
        select(_CANDIDATE.c.member_id, _CANDIDATE.c.account_id)
        .where(
            _CANDIDATE.c.member_id.not_in(_SEVERAL_GUESTS),
            or_(_CANDIDATE.c.account_id.in_(_SEVERAL_MEMBERS), _CANDIDATE.c.account_id.in_(_TAKEN)),
        )
        .union(doubts.sharing())
        .order_by("member_id")
    )
    cases += [
        doubts.case(member_id, Doubt.CLAIMED_BY_TWO_MEMBERS, f", guest {account_id}")
        for member_id, account_id in claimed
    ]
    return cases


async def count_links(connection: AsyncConnection) -> int:
    """Return how many members are linked to a guest: the memberships that this product manages."""
    statement = select(func.count()).select_from(_LINK).where(_LINK.c.unlinked_at.is_(None))
    return int((await connection.execute(statement)).scalar_one())
