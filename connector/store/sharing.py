"""Who does not share stays with partners: by their own word, by the scheme's, and what follows for stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.members import Member
from connector.domain.numbers import canonical
from connector.store.exclusion import DECIDING, alone
from connector.store.loyalty import classifications
from connector.store.resolutions import Signature
from connector.store.rows import among, batches, table, upsert
from connector.store.tables import ledger, loyalty, members, stays
from connector.store.tables.people import OptOut

GUEST, MEMBER = "guest", "member"
_OPT_OUT, _MEMBER, _LINK = table(OptOut), table(members.Member), table(members.Link)
_GUEST, _MEMBERSHIP, _PROGRAM = table(loyalty.Guest), table(loyalty.Membership), table(loyalty.Program)
_RESERVATION, _COMPANION = table(stays.Reservation), table(stays.Companion)
_AWARD = table(ledger.Award)
_TIED = _LINK.c.unlinked_at.is_(None)
_UNSHARED = _MEMBER.c.share.is_(False)
_ANYBODY = select(or_(exists().where(_OPT_OUT.c.subject_id.is_not(None)), exists().where(_UNSHARED)))


def said(kind: str, subject_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return that a guest or member opted out here."""
    return exists().where(_OPT_OUT.c.subject_kind == kind, _OPT_OUT.c.subject_id == subject_id)


async def opt_out(connection: AsyncConnection, kind: str, subject_id: str, signature: Signature) -> None:
    """Note that a guest or member shares nothing, and let their stays be decided again."""
    word = {"said_at": signature.at, "said_by": signature.by, "note": signature.why}
    await upsert(connection, OptOut, [{"subject_kind": kind, "subject_id": subject_id} | word])
    await decide_again(connection, kind, [subject_id])


async def opt_in(connection: AsyncConnection, kind: str, subject_id: str) -> bool:
    """Take an opting out back; tell whether there was one."""
    own = and_(_OPT_OUT.c.subject_kind == kind, _OPT_OUT.c.subject_id == subject_id)
    gone = (await connection.execute(delete(_OPT_OUT).where(own))).rowcount
    await decide_again(connection, kind, [subject_id])
    return bool(gone)


async def decide_again(connection: AsyncConnection, kind: str, ids: Collection[str]) -> None:
    """Make the stays of guests, or of members' guests, dirty."""
    if ids:
        await alone(connection, DECIDING)
    for some in batches(list(ids), 5000):
        own = _LINK.c.member_id.in_(some) if kind == MEMBER else _LINK.c.account_id.in_(some)
        accounts = set((await connection.execute(select(_LINK.c.account_id).where(own, _TIED))).scalars())
        for theirs in batches(sorted(accounts | (set(some) if kind == GUEST else set())), 5000):
            along = select(_COMPANION.c.reservation_id).where(_COMPANION.c.customer_id.in_(theirs))
            mine = or_(_RESERVATION.c.account_id.in_(theirs), _RESERVATION.c.id.in_(along))
            await connection.execute(update(_RESERVATION).where(mine).values(dirty=True))


async def otherwise(connection: AsyncConnection, told: Sequence[Member]) -> list[str]:
    """Return the known members of whom the scheme says otherwise now; to be asked before they are stored."""
    found: list[str] = []
    for some in batches(told, 5000):
        wanted = {each.member_id: each.share for each in some}
        mine = among(connection, _MEMBER.c.member_id, list(wanted))
        rows = await connection.execute(select(_MEMBER.c.member_id, _MEMBER.c.share).where(mine))
        found += [member_id for member_id, share in rows if (share is False) != (wanted[member_id] is False)]
    return found


async def withheld(connection: AsyncConnection, account_ids: Iterable[str], classes: Collection[str] = ()) -> set[str]:
    """Return which guests share nothing: they or their member opted out, the scheme says so, or they are of a class.

    What a profile said that was merged into another one holds for that.
    """
    accounts = set(account_ids)
    if not accounts or not (classes or await _anybody(connection)):
        return set()
    return await _withheld(connection, accounts, classes)


async def _withheld(connection: AsyncConnection, accounts: Collection[str], classes: Collection[str]) -> set[str]:
    of_profile = await _profiles(connection, accounts)
    found: set[str] = set()
    for some in batches(sorted(of_profile), 5000):
        found |= await _silent(connection, some)
    if classes:
        known = await classifications(connection, sorted(of_profile))
        found |= {profile for profile, held in known.items() if not held.isdisjoint(classes)}
    return {account for profile in found for account in of_profile[profile]}


async def withheld_awards(
    connection: AsyncConnection, award_ids: Collection[str], classes: Collection[str] = ()
) -> set[str]:
    """Return which awards are of guests who share nothing."""
    if not (classes or await _anybody(connection)):
        return set()
    rows = await connection.execute(
        select(_AWARD.c.id, _MEMBERSHIP.c.account_id)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.id == _AWARD.c.membership_id)
        .where(among(connection, _AWARD.c.id, award_ids))
    )
    account_of = {row[0]: row[1] for row in rows}
    silent = await _withheld(connection, set(account_of.values()), classes)
    return {award for award, account in account_of.items() if account in silent}


async def shares(connection: AsyncConnection, program_code: str, number: str, classes: Collection[str] = ()) -> bool:
    """Tell whether a number (canonical) may be told to its partner: no guest holds it who shares nothing."""
    rows = (
        await connection.execute(
            select(_MEMBERSHIP.c.account_id, _MEMBERSHIP.c.number)
            .join(_PROGRAM, _PROGRAM.c.id == _MEMBERSHIP.c.program_id)
            .where(_PROGRAM.c.code == program_code, _MEMBERSHIP.c.number.is_not(None), _MEMBERSHIP.c.deleted.is_(False))
        )
        if classes or await _anybody(connection)
        else ()
    )
    holders = {account for account, typed in rows if canonical(typed) == number}
    return not await withheld(connection, holders, classes)


async def _anybody(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(_ANYBODY)).scalar())


async def _profiles(connection: AsyncConnection, accounts: Collection[str]) -> dict[str, set[str]]:
    """Return whose profile each is: the accounts themselves, and what was merged into them, directly or not."""
    found = {account: {account} for account in accounts}
    frontier = set(accounts)
    for _ in range(10):  # a chain of merges longer than this is a loop
        if not frontier:
            break
        merged: dict[str, set[str]] = {}
        for some in batches(sorted(frontier), 5000):
            rows = await connection.execute(
                select(_GUEST.c.id, _GUEST.c.merge_target_id).where(among(connection, _GUEST.c.merge_target_id, some))
            )
            for profile, target in rows:
                merged.setdefault(profile, set()).update(found[target])
        frontier = {profile for profile, whose in merged.items() if not whose <= found.get(profile, set())}
        for profile in frontier:
            found.setdefault(profile, set()).update(merged[profile])
    return found


async def _silent(connection: AsyncConnection, accounts: Collection[str]) -> set[str]:
    """Return which of the profiles opted out, or whose member did or is not shared by the scheme."""
    own = select(_OPT_OUT.c.subject_id).where(
        _OPT_OUT.c.subject_kind == GUEST, among(connection, _OPT_OUT.c.subject_id, accounts)
    )
    tied = (
        select(_LINK.c.account_id)
        .outerjoin(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .where(among(connection, _LINK.c.account_id, accounts), _TIED, or_(_UNSHARED, said(MEMBER, _LINK.c.member_id)))
    )
    return set((await connection.execute(union(own, tied))).scalars())
