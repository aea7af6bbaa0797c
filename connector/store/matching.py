"""Matching members to guests by set-based joins over indexed keys; nothing is loaded into memory.

Each method in the configured order proposes pairs for members that have no link and no proposal of an earlier
method; then pairs that are unique both ways become links, all others become suspense.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import ACTIVE_STATES
from connector.domain.matching import BY_PERSON, Doubt
from connector.store import doubts, suspense
from connector.store.methods import METHODS
from connector.store.rows import among, insert, table
from connector.store.suspense import Case
from connector.store.tables import loyalty, members

_MEMBER, _LINK, _CANDIDATE = table(members.Member), table(members.Link), table(members.Candidate)
_HARM = table(members.Harm)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)


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
    await connection.execute(update(_LINK).where(_DELETED, _OUR_DELETION).values(membership_id=None, cancelled_at=now))
    await _keep_the_other(connection, program_id)
    ended = and_(_TIED, or_(_DELETED, _MOVED))
    found = list((await connection.execute(select(_LINK.c.member_id).where(ended))).scalars())
    await connection.execute(update(_LINK).where(ended).values(unlinked_at=now))
    return [doubts.told(member_id, Doubt.UNLINKED_BY_STAFF) for member_id in found]


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


async def orphaned(connection: AsyncConnection, generation: int) -> list[str]:
    """Return the listed members whose guest was deleted in Mews and not merged: they are matched anew.

    Until another profile is found the link stays, so that the membership there is still written or cancelled. What a
    person linked is theirs: see ``doubts.deleted_profile``.
    """
    deleted = select(_GUEST.c.id).where(_DELETED_GUEST)
    rows = await connection.execute(
        select(_LINK.c.member_id)
        .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .where(_LINK.c.account_id.in_(deleted), _FOUND, _MEMBER.c.generation >= generation)
    )
    return list(rows.scalars())


async def propose(
    connection: AsyncConnection, methods: Sequence[str], program_id: str, generation: int, orphans: Sequence[str] = ()
) -> None:
    """Fill the candidates, method by method."""
    await connection.execute(delete(_CANDIDATE))
    unlinked = ~exists().where(_LINK.c.member_id == _MEMBER.c.member_id)
    free = and_(
        _MEMBER.c.generation == generation,
        or_(unlinked, among(connection, _MEMBER.c.member_id, orphans)) if orphans else unlinked,
        ~exists().where(_CANDIDATE.c.member_id == _MEMBER.c.member_id),
    )
    for method in methods:
        for pairs in METHODS[method](free, program_id):
            statement = insert(connection, _CANDIDATE).from_select(["member_id", "account_id", "method"], pairs)
            await connection.execute(statement.on_conflict_do_nothing())


_SEVERAL_GUESTS = select(_CANDIDATE.c.member_id).group_by(_CANDIDATE.c.member_id).having(func.count() > 1)
_SEVERAL_MEMBERS = select(_CANDIDATE.c.account_id).group_by(_CANDIDATE.c.account_id).having(func.count() > 1)
_ACTIVE = exists().where(
    _MEMBERSHIP.c.id == _LINK.c.membership_id,
    _MEMBERSHIP.c.deleted.is_(False),
    _MEMBERSHIP.c.state.in_(ACTIVE_STATES),
)
_FOUND = and_(_TIED, _LINK.c.method != BY_PERSON)
_DELETED_GUEST = and_(_GUEST.c.active.is_(False), _GUEST.c.merge_target_id.is_(None))
_MADE = exists().where(_LINK.c.member_id == _CANDIDATE.c.member_id, _LINK.c.account_id == _CANDIDATE.c.account_id)


def _listed(generation: int) -> ColumnElement[bool]:
    return exists().where(_MEMBER.c.member_id == _LINK.c.member_id, _MEMBER.c.generation >= generation)


def _taken(generation: int) -> ColumnElement[bool]:
    """Return that a member of the listing has the candidate's guest, or one who left and may be somebody else.

    The scheme may know a person by a new id. That the guest is the same person only the Mews id says, or the e-mail
    with both names: a number may have been given to a relative.
    """
    same = exists().where(
        _MEMBER.c.member_id == _CANDIDATE.c.member_id,
        _GUEST.c.id == _CANDIDATE.c.account_id,
        _GUEST.c.email_key == _MEMBER.c.email_key,
        _GUEST.c.has_ota_email.is_(False),
    )
    known = or_(_CANDIDATE.c.method == "mews_id", same)
    return exists().where(_LINK.c.account_id == _CANDIDATE.c.account_id, _TIED, or_(_listed(generation), ~known))


async def settle(connection: AsyncConnection, generation: int, now: datetime) -> tuple[int, list[Case]]:
    """Turn candidates that are unique both ways into links; return how many, and the cases of the others.

    Members from ``generation`` on count as listed; of those who left, links to a guest whom a listed one is now, end.
    """
    unique = and_(
        _CANDIDATE.c.member_id.not_in(_SEVERAL_GUESTS),
        _CANDIDATE.c.account_id.not_in(_SEVERAL_MEMBERS),
        ~_taken(generation),
    )
    cases = await _ambiguous(connection, generation)
    deleted = _LINK.c.account_id.in_(select(_GUEST.c.id).where(_DELETED_GUEST))
    replaced = _LINK.c.member_id.in_(select(_CANDIDATE.c.member_id).where(unique))
    await connection.execute(delete(_LINK).where(replaced, _FOUND, deleted))
    # what we cancelled when the same person had another id is enrolled again
    before = select(func.max(_LINK.c.cancelled_at)).where(_LINK.c.account_id == _CANDIDATE.c.account_id, _TIED)
    pairs = select(
        _CANDIDATE.c.member_id,
        _CANDIDATE.c.account_id,
        _CANDIDATE.c.method,
        literal(now, _LINK.c.linked_at.type),
        before.scalar_subquery(),
    ).where(unique)
    columns = ["member_id", "account_id", "method", "linked_at", "cancelled_at"]
    statement = insert(connection, _LINK).from_select(columns, pairs)
    await connection.execute(statement.on_conflict_do_nothing())  # a person may link one meanwhile
    made = select(_CANDIDATE.c.account_id).where(_MADE)
    await connection.execute(delete(_LINK).where(_LINK.c.account_id.in_(made), _TIED, ~_listed(generation)))
    counted = select(func.count()).select_from(_CANDIDATE).where(_MADE)
    return int((await connection.execute(counted)).scalar_one()), cases


async def _ambiguous(connection: AsyncConnection, generation: int) -> list[Case]:
    several = await connection.execute(
        select(_CANDIDATE.c.member_id, func.count())
        .group_by(_CANDIDATE.c.member_id)
        .having(func.count() > 1)
        .order_by(_CANDIDATE.c.member_id)
    )
    cases = [doubts.told(member_id, Doubt.TWO_CANDIDATES, f", {found} guests") for member_id, found in several]
    claimed = await connection.execute(
        select(_CANDIDATE.c.member_id, _CANDIDATE.c.account_id)
        .where(
            _CANDIDATE.c.member_id.not_in(_SEVERAL_GUESTS),
            or_(_CANDIDATE.c.account_id.in_(_SEVERAL_MEMBERS), _taken(generation)),
        )
        .union(doubts.sharing())
        .order_by("member_id")
    )
    cases += [
        doubts.told(member_id, Doubt.CLAIMED_BY_TWO_MEMBERS, f", guest {account_id}")
        for member_id, account_id in claimed
    ]
    return cases


async def count_links(connection: AsyncConnection) -> int:
    """Return how many memberships this product manages: those of linked members whom the present listing holds.

    Also of those whom it does not hold any more, until their membership is cancelled or deleted.
    """
    present = select(func.max(_MEMBER.c.generation)).scalar_subquery()
    every = select(func.count()).select_from(_LINK).where(_TIED)
    left = (
        select(func.count())
        .select_from(_MEMBER)
        .join(_LINK, _LINK.c.member_id == _MEMBER.c.member_id)
        .where(_MEMBER.c.generation < present, _TIED, ~_ACTIVE)
    )
    return int((await connection.execute(select(every.scalar_subquery() - left.scalar_subquery()))).scalar_one())


async def forget_cancellations(connection: AsyncConnection, generation: int) -> None:
    """Forget that we cancelled memberships which listed members hold active again, whoever enrolled them."""
    again = and_(_LINK.c.cancelled_at.is_not(None), _ACTIVE, _listed(generation))
    await connection.execute(update(_LINK).where(again).values(cancelled_at=None))
