"""By what a member is found to be a guest: each method selects pairs for members who are free."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from connector.store import merges
from connector.store.loyalty import SCHEME
from connector.store.rows import table
from connector.store.tables import loyalty, members

_MEMBER, _GUEST, _MEMBERSHIP = table(members.Member), table(loyalty.Guest), table(loyalty.Membership)

_LIVING = and_(_GUEST.c.active.is_(True), _GUEST.c.merge_target_id.is_(None))


def _pairs(method: str, on: ColumnElement[bool], free: ColumnElement[bool]) -> Select[tuple[str, str, str]]:
    return select(_MEMBER.c.member_id, _GUEST.c.id, literal(method)).join(_GUEST, on).where(free, _LIVING).distinct()


def _by_mews_id(free: ColumnElement[bool], _program: str) -> list[Select[tuple[str, str, str]]]:
    """Of a profile that was merged the one that lives is meant."""
    merged = select(_MEMBER.c.member_id, _GUEST.c.merge_target_id.label("account_id")).join(
        _GUEST, _GUEST.c.id == _MEMBER.c.mews_id
    )
    living = merges.survivors(merged.where(free, _GUEST.c.merge_target_id.is_not(None)))
    followed = select(living.c.member_id, _GUEST.c.id, literal("mews_id")).join(
        _GUEST, _GUEST.c.id == living.c.account_id
    )
    return [_pairs("mews_id", _GUEST.c.id == _MEMBER.c.mews_id, free), followed.where(_LIVING)]


def _by_membership(free: ColumnElement[bool], program_id: str) -> list[Select[tuple[str, str, str]]]:
    """The provider id is ours; a number was typed by staff or a channel, so the last name must agree.

    One that stands beside the id of another member, or that we wrote, was not: the scheme gave it to somebody else.
    """
    ours = _MEMBERSHIP.c.provider_id == _MEMBER.c.member_id
    other = _MEMBER.alias()
    foreign = and_(
        ~exists().where(other.c.member_id == _MEMBERSHIP.c.provider_id),
        _MEMBERSHIP.c.number_source.is_distinct_from(SCHEME),
    )
    typed = and_(
        _MEMBERSHIP.c.number == _MEMBER.c.number,
        _GUEST.c.name_key == _MEMBER.c.name_key,
        or_(_MEMBERSHIP.c.provider_id.is_(None), ours, foreign),
    )
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


METHODS = {
    "mews_id": _by_mews_id,
    "membership": _by_membership,
    "loyalty_code": _by_loyalty_code,
    "email_and_name": _by_email_and_name,
}
