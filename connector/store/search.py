"""Stays that a person looks for by a word: a number, an id, or a member number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, Select, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.numbers import canonical, looks_like_payment_card
from connector.store.rows import table
from connector.store.tables import ledger, loyalty, members, stays

_RESERVATION, _DECISION = table(stays.Reservation), table(stays.Decision)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)
_MEMBER, _LINK = table(members.Member), table(members.Link)
_AWARD, _CLAIM = table(ledger.Award), table(ledger.Claim)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a stay for one partner."""

    partner: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A reservation that was found, with what was decided about it."""

    reservation_id: str
    number: str
    property_id: str
    state: str
    guest_id: str
    departed_at: datetime
    verdicts: tuple[Verdict, ...]


async def stays_of(connection: AsyncConnection, word: str, limit: int) -> list[Hit]:
    """Return reservations, the latest departure first.

    ``word`` is a reservation's number, id or channel number, the id of a guest, or the number of a membership, member
    or award, with or without blanks. What looks like a payment card finds nothing.
    """
    if not word or looks_like_payment_card(word):
        return []
    columns = (
        _RESERVATION.c.id,
        _RESERVATION.c.number,
        _RESERVATION.c.property_id,
        _RESERVATION.c.state,
        _RESERVATION.c.account_id,
        _RESERVATION.c.departed_at,
    )
    found = await connection.execute(
        select(*columns)
        .where(_RESERVATION.c.id.in_(_named(word)))
        .order_by(_RESERVATION.c.departed_at.desc(), _RESERVATION.c.id)
        .limit(limit)
    )
    rows = found.all()
    verdicts = await _verdicts(connection, [row.id for row in rows])
    return [Hit(*row, verdicts=tuple(verdicts.get(row.id, ()))) for row in rows]


def _named(word: str) -> CompoundSelect[tuple[str]]:
    """Return the ids of what a word names: each part by an index of its own, where an OR would look at every row."""
    ids, direct = select(_RESERVATION.c.id), (_RESERVATION.c.id, _RESERVATION.c.number, _RESERVATION.c.channel_number)
    of_guests = ids.where(_RESERVATION.c.account_id.in_(_guests(word)))
    return union(*(ids.where(column == word) for column in direct), of_guests, _awarded(word))


def _guests(word: str) -> Select[tuple[str]]:
    """Return the guests whom a word names; a profile that was merged into one of them is that guest too."""
    numbers = {word, canonical(word)}
    direct = (
        select(_GUEST.c.id)
        .where(_GUEST.c.id == word)
        .union(
            select(_MEMBERSHIP.c.account_id).where(_MEMBERSHIP.c.number.in_(numbers)),
            select(_LINK.c.account_id)
            .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
            .where(_LINK.c.unlinked_at.is_(None), or_(_MEMBER.c.member_id == word, _MEMBER.c.number.in_(numbers))),
        )
        .cte("named")
    )
    merged = select(_GUEST.c.id).where(_GUEST.c.merge_target_id.in_(select(direct.c.id)))
    return select(direct.c.id).union(merged).subquery().select()


def _awarded(word: str) -> Select[tuple[str]]:
    return (
        select(_CLAIM.c.reservation_id)
        .join(_AWARD, _AWARD.c.id == _CLAIM.c.award_id)
        .where(_AWARD.c.member_number == canonical(word))
    )


async def _verdicts(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Verdict]]:
    columns = (_DECISION.c.reservation_id, _DECISION.c.partner, _DECISION.c.status, _DECISION.c.text)
    rows = await connection.execute(
        select(*columns).where(_DECISION.c.reservation_id.in_(ids)).order_by(_DECISION.c.partner)
    )
    found: dict[str, list[Verdict]] = {}
    for reservation_id, *told in rows:
        found.setdefault(reservation_id, []).append(Verdict(*told))
    return found
