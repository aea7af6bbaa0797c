"""What is known about a member and a guest, as people read it: numbers masked, no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import found_by
from connector.domain.numbers import mask
from connector.store import resolutions, suspense
from connector.store.rows import table
from connector.store.suspense import OpenCase
from connector.store.tables import loyalty as loyalty_tables
from connector.store.tables import members as member_tables

_MEMBER, _LINK = table(member_tables.Member), table(member_tables.Link)
_CANDIDATE = table(member_tables.Candidate)
_GUEST, _MEMBERSHIP = table(loyalty_tables.Guest), table(loyalty_tables.Membership)
_PROGRAM, _TIER = table(loyalty_tables.Program), table(loyalty_tables.Tier)


@dataclass(frozen=True, slots=True)
class MemberCard:
    """The scheme's side. ``listed``: its last listing holds the member; ``protected``: that line cannot be read."""

    member_id: str
    number: str
    tier: str | None
    points: int | None
    expires_on: date | None
    state: str | None
    listed: bool
    protected: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """Which guest the member is, by what that was found, and whether it was ended; ``why`` a person did either.

    Ended without a name: somebody deleted or moved the membership in Mews.
    """

    guest_id: str
    method: str
    found_by: str
    linked_at: datetime
    linked_by: str | None
    unlinked_at: datetime | None
    unlinked_by: str | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class GuestCard:
    """A guest profile as the mirror holds it; ``merged_into`` is the profile that took its place."""

    guest_id: str
    active: bool
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A membership in Mews. ``carries_member_id``: the scheme's id is in it, so it is ours or a partner's own.

    ``number_source`` is mews (staff, the guest or a channel) or scheme, ``number_seen_at`` when it was first seen.
    """

    membership_id: str
    program: str
    state: str
    tier: str | None
    number: str
    points: int | None
    expires_on: date | None
    carries_member_id: bool
    is_primary: bool
    deleted: bool
    number_source: str | None = None
    number_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guest whom the last pass of matching proposed for the member."""

    guest_id: str
    method: str
    found_by: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A member or a guest, or both when they are tied, with the memberships and the open cases."""

    member: MemberCard | None
    link: Tie | None
    guest: GuestCard | None
    memberships: tuple[Held, ...]
    candidates: tuple[Candidate, ...]
    cases: tuple[OpenCase, ...]


async def dossiers(connection: AsyncConnection, word: str) -> list[Dossier]:
    """Return what is known by a member id, guest id, membership id or membership number."""
    accounts = await _accounts(connection, word)
    found = []
    for member_id in await _members(connection, word, accounts):
        dossier = await _of_member(connection, member_id)
        found.append(dossier)
        accounts -= {dossier.link.guest_id} if dossier.link else set()
    return found + [await _dossier(connection, None, None, account) for account in sorted(accounts)]


async def _accounts(connection: AsyncConnection, word: str) -> set[str]:
    of_membership = select(_MEMBERSHIP.c.account_id).where(or_(_MEMBERSHIP.c.id == word, _MEMBERSHIP.c.number == word))
    rows = await connection.execute(select(_GUEST.c.id).where(_GUEST.c.id == word).union(of_membership))
    return set(rows.scalars())


async def _members(connection: AsyncConnection, word: str, accounts: set[str]) -> list[str]:
    tied = select(_LINK.c.member_id).where(or_(_LINK.c.account_id.in_(accounts), _LINK.c.membership_id == word))
    own = select(_MEMBER.c.member_id).where(or_(_MEMBER.c.member_id == word, _MEMBER.c.number == word))
    return sorted((await connection.execute(own.union(tied))).scalars())


async def _of_member(connection: AsyncConnection, member_id: str) -> Dossier:
    card, tie = await _card(connection, member_id), await _tie(connection, member_id)
    return await _dossier(connection, card, tie, tie.guest_id if tie else None)


async def _dossier(
    connection: AsyncConnection, member: MemberCard | None, tie: Tie | None, account: str | None
) -> Dossier:
    held = await _held(connection, account) if account else []
    subjects = [("membership", each.membership_id) for each in held]
    subjects += [("loyalty membership", each.membership_id) for each in held]
    subjects += [("guest", account)] if account else []
    subjects += [("member", member.member_id)] if member else []
    return Dossier(
        member=member,
        link=tie,
        guest=await _guest(connection, account) if account else None,
        memberships=tuple(held),
        candidates=tuple(await _candidates(connection, member)) if member and not tie else (),
        cases=tuple(await suspense.about(connection, subjects)) if subjects else (),
    )


async def _card(connection: AsyncConnection, member_id: str) -> MemberCard | None:
    present = select(func.max(_MEMBER.c.generation)).scalar_subquery()
    found = await connection.execute(select(_MEMBER, present).where(_MEMBER.c.member_id == member_id))
    row = found.first()
    if row is None:
        return None
    return MemberCard(
        member_id=row.member_id,
        number=mask(row.number or ""),
        tier=row.tier,
        points=row.points,
        expires_on=row.expires_on,
        state=row.state,
        listed=row.generation == row[-1],
        protected=row.protected and row.generation == row[-1],
    )


async def _tie(connection: AsyncConnection, member_id: str) -> Tie | None:
    row = (await connection.execute(select(_LINK).where(_LINK.c.member_id == member_id))).first()
    if row is None:
        return None
    return Tie(
        guest_id=row.account_id,
        method=row.method,
        found_by=found_by(row.method),
        linked_at=row.linked_at,
        linked_by=row.linked_by,
        unlinked_at=row.unlinked_at,
        unlinked_by=row.unlinked_by,
        why=await resolutions.reason_given(connection, ("member", member_id)),
    )


async def _guest(connection: AsyncConnection, account: str) -> GuestCard | None:
    columns = (_GUEST.c.id, _GUEST.c.active, _GUEST.c.merge_target_id)
    row = (await connection.execute(select(*columns).where(_GUEST.c.id == account))).first()
    return None if row is None else GuestCard(*row)


async def _held(connection: AsyncConnection, account: str) -> list[Held]:
    rows = await connection.execute(
        select(_MEMBERSHIP, _PROGRAM.c.code, _TIER.c.code)
        .outerjoin(_PROGRAM, _PROGRAM.c.id == _MEMBERSHIP.c.program_id)
        .outerjoin(_TIER, _TIER.c.id == _MEMBERSHIP.c.tier_id)
        .where(_MEMBERSHIP.c.account_id == account)
        .order_by(_MEMBERSHIP.c.deleted, _MEMBERSHIP.c.id)
    )
    return [_membership(row) for row in rows]


def _membership(row) -> Held:  # type: ignore[no-untyped-def]  # a row of ``_held``
    return Held(
        membership_id=row.id,
        program=row[-2] or row.program_id,
        state=row.state,
        tier=row[-1] or row.tier_id,
        number=mask(row.number or ""),
        points=row.points,
        expires_on=row.expires_on,
        carries_member_id=row.provider_id is not None,
        is_primary=row.is_primary,
        deleted=row.deleted,
        number_source=row.number_source if row.number else None,
        number_seen_at=row.number_seen_at if row.number else None,
    )


async def _candidates(connection: AsyncConnection, member: MemberCard) -> Sequence[Candidate]:
    columns = (_CANDIDATE.c.account_id, _CANDIDATE.c.method)
    rows = await connection.execute(
        select(*columns).where(_CANDIDATE.c.member_id == member.member_id).order_by(_CANDIDATE.c.account_id)
    )
    return [Candidate(row[0], row[1], found_by(row[1])) for row in rows]
