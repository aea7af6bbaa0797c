"""Who a person is in the store: their profiles, members, numbers, stays and awards, found from one word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.claims import CLAIMED
from connector.domain.grants import GRANTED
from connector.domain.matching import Hasher
from connector.domain.numbers import canonical
from connector.errors import Misconfigured, Refused
from connector.store.rows import table
from connector.store.tables import ledger, loyalty, members, stays
from connector.store.tables.people import OptOut

_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)
_MEMBER, _LINK, _NUMBER = table(members.Member), table(members.Link), table(members.PartnerNumber)
_RESERVATION, _COMPANION = table(stays.Reservation), table(stays.Companion)
_AWARD, _CLAIM, _MESSAGE, _OPT_OUT = table(ledger.Award), table(ledger.Claim), table(ledger.Message), table(OptOut)


@dataclass(frozen=True, slots=True)
class Person:
    """All ids of one person. ``numbers`` are as typed and as partners have them; ``stays`` those that they own.

    ``lanes`` are the keyed hashes that stand for them at partners.
    """

    accounts: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    memberships: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    stays: frozenset[str] = frozenset()
    awards: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        """What may stand for the person in a text."""
        return self.accounts | self.members | self.memberships | self.numbers


async def find(connection: AsyncConnection, hasher: Hasher, word: str) -> Person:
    """Return the person of a guest id, a member id, or a number in a program.

    Raises Misconfigured where nobody is known by it, Refused where several people are.
    """
    accounts, member_ids = await _named(connection, word)
    people: list[tuple[set[str], set[str]]] = []
    for account, member in [*((each, "") for each in sorted(accounts)), *(("", each) for each in sorted(member_ids))]:
        if not any(account in known or member in of for known, of in people):
            people.append(await _whole(connection, {account} - {""}, {member} - {""}))
    if len(people) > 1:
        guests = ", ".join(sorted(known for accounts, _ in people for known in accounts)) or "no guest"
        raise Refused(f"several people are known by this word ({guests}); expected the guest id or member id of one")
    found = await _complete(connection, hasher, *(people[0] if people else (set(), set())), word)
    if not (found.accounts or found.members or found.awards):
        raise Misconfigured("nobody is known by this word; expected a guest id of Mews, a member id or a member number")
    return found


async def _named(connection: AsyncConnection, word: str) -> tuple[set[str], set[str]]:
    held = or_(_MEMBERSHIP.c.id == word, _MEMBERSHIP.c.number == word)
    guests = (
        select(_GUEST.c.id).where(_GUEST.c.id == word),
        select(_MEMBERSHIP.c.account_id).where(held),
        select(_RESERVATION.c.account_id).where(_RESERVATION.c.account_id == word),
        select(_COMPANION.c.customer_id).where(_COMPANION.c.customer_id == word),
        select(_LINK.c.account_id).where(_LINK.c.account_id == word),
        select(_OPT_OUT.c.subject_id).where(_OPT_OUT.c.subject_kind == "guest", _OPT_OUT.c.subject_id == word),
    )
    people = (
        select(_MEMBER.c.member_id).where(or_(_MEMBER.c.member_id == word, _MEMBER.c.number == word)),
        select(_NUMBER.c.member_id).where(_NUMBER.c.number == word),
        select(_LINK.c.member_id).where(_LINK.c.member_id == word),
        select(_OPT_OUT.c.subject_id).where(_OPT_OUT.c.subject_kind == "member", _OPT_OUT.c.subject_id == word),
    )
    return (
        set((await connection.execute(union(*guests))).scalars()),
        set((await connection.execute(union(*people))).scalars()),
    )


async def _whole(connection: AsyncConnection, accounts: set[str], member_ids: set[str]) -> tuple[set[str], set[str]]:
    """Return with them the profiles that were merged with one another, and who is linked to whom."""
    tied = _LINK.c.unlinked_at.is_(None)
    while True:
        before = len(accounts) + len(member_ids)
        accounts |= await _found(connection, _GUEST.c.id, _GUEST.c.merge_target_id.in_(accounts))
        accounts |= await _found(connection, _GUEST.c.merge_target_id, _GUEST.c.id.in_(accounts))
        member_ids |= await _found(connection, _LINK.c.member_id, and_(tied, _LINK.c.account_id.in_(accounts)))
        accounts |= await _found(connection, _LINK.c.account_id, and_(tied, _LINK.c.member_id.in_(member_ids)))
        if len(accounts) + len(member_ids) == before:
            return accounts, member_ids


async def _complete(
    connection: AsyncConnection, hasher: Hasher, accounts: set[str], member_ids: set[str], word: str
) -> Person:
    memberships = await _found(connection, _MEMBERSHIP.c.id, _MEMBERSHIP.c.account_id.in_(accounts))
    numbers = {word} if not accounts and not member_ids else set()
    numbers |= await _found(connection, _MEMBERSHIP.c.number, _MEMBERSHIP.c.id.in_(memberships))
    numbers |= await _found(connection, _MEMBER.c.number, _MEMBER.c.member_id.in_(member_ids))
    numbers |= await _found(connection, _NUMBER.c.number, _NUMBER.c.member_id.in_(member_ids))
    numbers |= {canonical(each) for each in numbers}
    own = await _found(connection, _RESERVATION.c.id, _RESERVATION.c.account_id.in_(accounts))
    awards = await _found(connection, _AWARD.c.id, _theirs(accounts, memberships, numbers, own))
    numbers |= await _found(connection, _AWARD.c.member_number, _AWARD.c.id.in_(awards))
    messages = await _found(connection, _MESSAGE.c.key, _MESSAGE.c.award_id.in_(awards))
    partners = (await connection.execute(select(_AWARD.c.partner).distinct())).scalars().all()
    lanes = {hasher.lane(partner, number) for partner in partners for number in numbers}
    return Person(*map(frozenset, (accounts, member_ids, memberships, numbers, own, awards, messages, lanes)))


def _theirs(
    accounts: Collection[str], memberships: Collection[str], numbers: Collection[str], own: Collection[str]
) -> ColumnElement[bool]:
    """Return which awards are a person's: by membership, by seat, by the stay, or where none of these is, by number."""
    without = and_(_AWARD.c.membership_id.in_((GRANTED, CLAIMED)), _AWARD.c.member_number.in_(numbers))
    claimed = select(_CLAIM.c.award_id).where(_CLAIM.c.reservation_id.in_(own))
    theirs = or_(
        _AWARD.c.membership_id.in_(memberships), _AWARD.c.seat.in_(accounts), _AWARD.c.id.in_(claimed), without
    )
    return and_(theirs, _AWARD.c.erased_at.is_(None))


async def _found(connection: AsyncConnection, column: ColumnElement[str], where: ColumnElement[bool]) -> set[str]:
    rows: Iterable[str | None] = (await connection.execute(select(column).where(where))).scalars()
    return {each for each in rows if each}
