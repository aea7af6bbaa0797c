"""Linked members beside their memberships, page by page: only those about whom there may be something to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.alignment import DEFAULT_STATE
from connector.domain.loyalty import Membership
from connector.domain.members import OWNABLE, Member
from connector.store.loyalty import MEMBERSHIP_COLUMNS
from connector.store.rows import table
from connector.store.tables import loyalty, members

_MEMBER, _LINK, _EDIT = table(members.Member), table(members.Link), table(members.Edit)
_MEMBERSHIP = table(loyalty.Membership)

_MEMBER_COLUMNS = tuple(
    _MEMBER.c[name] for name in ("member_id", "number", "tier", "points", "expires_on", "state", "mews_id", "url")
)


@dataclass(frozen=True, slots=True)
class Terms:
    """By what members are compared with their memberships of one program.

    ``owned`` are the scheme's fields (names of ``members.OWNABLE``), ``tier_ids`` the tiers that can be given, by code;
    ``edited`` whether others edited any membership at all.
    """

    program_id: str
    generation: int
    owned: frozenset[str]
    tier_ids: Mapping[str, str]
    edited: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """A linked member, the guest, and the guest's membership of the scheme's program, if there is one.

    ``listed``: the scheme's present listing holds the member; ``cancelled``: we cancelled the membership when it did
    not.
    """

    member: Member
    account_id: str
    membership: Membership | None
    listed: bool
    cancelled: bool = False


async def reach(connection: AsyncConnection, after: str, size: int) -> str | None:
    """Return up to which member a page of so many links from ``after`` on reaches; None when there is no further."""
    page = select(_LINK.c.member_id).where(_LINK.c.member_id > after).order_by(_LINK.c.member_id).limit(size).subquery()
    found: str | None = (await connection.execute(select(func.max(page.c.member_id)))).scalar()
    return found


def query(terms: Terms) -> Select[Any]:
    """Return the query of ``page``, built once for all pages of a plan."""
    return (
        select(*_MEMBER_COLUMNS, _LINK.c.account_id, _MEMBER.c.generation, _LINK.c.cancelled_at, *MEMBERSHIP_COLUMNS)
        .select_from(_LINK)
        .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .outerjoin(_MEMBERSHIP, _held(_MEMBERSHIP, terms))
        .where(
            _LINK.c.unlinked_at.is_(None),
            _LINK.c.member_id > bindparam("after"),
            _LINK.c.member_id <= bindparam("upto"),
            or_(_MEMBER.c.protected.is_(False), _MEMBER.c.generation < terms.generation),
            _differs(terms),
            ~_held_twice(terms),
            ~_shared(terms),
        )
        .order_by(_LINK.c.member_id)
    )


async def page(connection: AsyncConnection, terms: Terms, prepared: Select[Any], after: str, upto: str) -> list[Pair]:
    """Return the linked members of a page, by id, about whom there may be something to do.

    Most of them agree with their membership in every field, and the database sees that without handing them out.
    Left out are listed members whose lines cannot be read, guests with two memberships of the program, and members
    who came to share a guest, because two profiles were merged: see ``matching.settle``.
    """
    rows = await connection.execute(prepared, {"after": after, "upto": upto})
    return [
        Pair(
            member=_member(*row[:8]),
            account_id=row[8],
            listed=row[9] >= terms.generation,
            cancelled=row[10] is not None,
            membership=None if row[11] is None else Membership(*row[11:]),
        )
        for row in rows
    ]


def _held(membership: FromClause, terms: Terms) -> ColumnElement[bool]:
    columns = membership.c
    return and_(
        columns.account_id == _LINK.c.account_id, columns.program_id == terms.program_id, columns.deleted.is_(False)
    )


def _differs(terms: Terms) -> ColumnElement[bool]:
    """Tell whether there may be something to do: more than ``domain.alignment`` decides, never less."""
    member, membership = _MEMBER.c, _MEMBERSHIP.c
    wanted: dict[str, ColumnElement[Any]] = {
        "number": member.number,
        "tier": _tier_id(terms),
        "points": member.points,
        "expires_on": member.expires_on,
        "state": func.coalesce(func.nullif(member.state, ""), DEFAULT_STATE),
        "url": member.url,
    }
    held = {name: membership["tier_id" if name == "tier" else name] for name in wanted}
    edited = [exists().where(_EDIT.c.membership_id == membership.id)] if terms.edited else []
    return or_(
        membership.id.is_(None),
        membership.provider_id.is_distinct_from(member.member_id),
        *(held[name].is_distinct_from(wanted[name]) for name in OWNABLE if name in terms.owned),
        member.generation < terms.generation,
        _LINK.c.cancelled_at.is_not(None),
        *edited,
    )


def _tier_id(terms: Terms) -> ColumnElement[Any]:
    """Return the id of the member's tier; one that cannot be given is like no other, so that it is looked at."""
    known = [(_MEMBER.c.tier == code, literal(tier_id)) for code, tier_id in terms.tier_ids.items()]
    return case((_MEMBER.c.tier.is_(None), null()), *known, else_=literal("?"))


def _held_twice(terms: Terms) -> ColumnElement[bool]:
    other = _MEMBERSHIP.alias()
    return exists().where(_held(other, terms), other.c.id != _MEMBERSHIP.c.id)


def _shared(terms: Terms) -> ColumnElement[bool]:
    """Tell whether another member has the guest: of those listed both are left out, else who left the scheme."""
    other, its = _LINK.alias(), _MEMBER.alias()
    return exists().where(
        other.c.account_id == _LINK.c.account_id,
        other.c.member_id != _LINK.c.member_id,
        other.c.unlinked_at.is_(None),
        its.c.member_id == other.c.member_id,
        or_(
            its.c.generation >= terms.generation,
            and_(_MEMBER.c.generation < terms.generation, other.c.member_id < _LINK.c.member_id),
        ),
    )


def _member(
    member_id: str,
    number: str | None,
    tier: str | None,
    points: int | None,
    expires_on: date | None,
    state: str | None,
    mews_id: str | None,
    url: str | None,
) -> Member:
    return Member(member_id, number, tier, points, expires_on, state, mews_id, url=url)
