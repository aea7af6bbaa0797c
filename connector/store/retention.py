"""How long each table keeps what is final: one rule for each, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Status
from connector.domain.ledger import TRANSITIONS
from connector.store import erasure
from connector.store.persons import Person
from connector.store.resolutions import BY_HAND
from connector.store.rows import table
from connector.store.suspense import CONNECTOR
from connector.store.tables import events, ledger, loyalty, members, running, stays, web

_AWARD, _CLAIM, _MESSAGE = table(ledger.Award), table(ledger.Claim), table(ledger.Message)
_RESERVATION, _DECISION, _COMPANION = table(stays.Reservation), table(stays.Decision), table(stays.Companion)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)
_MEMBER, _LINK, _NUMBER = table(members.Member), table(members.Link), table(members.PartnerNumber)
_SUSPENSE, _EDIT, _HARM = table(running.Suspense), table(members.Edit), table(members.Harm)
_SEND, _LEASE, _PAUSE = table(running.Send), table(running.Lease), table(running.Pause)
_CONFIRMATION, _INCIDENT = table(members.Confirmation), table(running.Incident)
_LOGIN, _DEED, _PROPOSAL, _DEPOSIT = table(web.Login), table(web.Deed), table(web.Proposal), table(events.Deposit)
_FINAL = _MESSAGE.c.state.in_([state for state, ways in TRANSITIONS.items() if not ways])

Sweep = Callable[[AsyncConnection, datetime, int], Awaitable[int]]
"""Removes up to so many records that were final before a moment; returns how many."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes when it is older than ``privacy.retention.NAME`` says, and from which tables."""

    name: str
    tables: tuple[str, ...]
    sweep: Sweep


async def _stays(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove stays of which nothing is open: what Mews tells of them again is too old to earn, or tied already."""
    under_way = exists().where(
        _CLAIM.c.reservation_id == _RESERVATION.c.id, _MESSAGE.c.award_id == _CLAIM.c.award_id, not_(_FINAL)
    )
    open_ = exists().where(
        _DECISION.c.reservation_id == _RESERVATION.c.id,
        _DECISION.c.status.in_([Status.SUSPENDED, Status.WAITING]),
    )
    old = select(_RESERVATION.c.id).where(_RESERVATION.c.departed_at < before, ~under_way, ~open_).limit(limit)
    ids = frozenset((await connection.execute(old)).scalars())
    if ids:
        await erasure.remove(connection, Person(stays=ids))
    return len(ids)


async def _awards(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Blank whose awards are; a key, a claim and a line of history are never removed."""
    under_way = exists().where(_MESSAGE.c.award_id == _AWARD.c.id, not_(_FINAL))
    old = and_(_AWARD.c.departure < before.date(), _AWARD.c.erased_at.is_(None), ~under_way)
    ids = list((await connection.execute(select(_AWARD.c.id).where(old).limit(limit))).scalars())
    await erasure.blank(connection, ids, before)
    return len(ids)


async def _requests(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove the bytes of messages that are at their end."""
    settled = func.coalesce(_MESSAGE.c.settled_at, _MESSAGE.c.last_sent_at, _MESSAGE.c.created_at)
    old = select(_MESSAGE.c.key).where(_FINAL, settled < before, _MESSAGE.c.content.is_not(None)).limit(limit)
    keys = list((await connection.execute(old)).scalars())
    gone = update(_MESSAGE).where(_MESSAGE.c.key.in_(keys)).values(path=None, headers=None, content=None)
    await connection.execute(gone)
    return len(keys)


async def _profiles(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove profiles that Mews has no more and nothing here names."""
    named = or_(
        exists().where(_RESERVATION.c.account_id == _GUEST.c.id),
        exists().where(_COMPANION.c.customer_id == _GUEST.c.id),
        exists().where(_LINK.c.account_id == _GUEST.c.id),
        exists().where(_MEMBERSHIP.c.account_id == _GUEST.c.id, _MEMBERSHIP.c.deleted.is_(False)),
    )
    return await _delete(
        connection, _GUEST.c.id, and_(_GUEST.c.active.is_(False), _GUEST.c.updated < before, ~named), limit
    )


async def _members(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove members that the scheme's present listing does not hold, once nothing is done for them any more."""
    present = select(func.max(_MEMBER.c.generation)).scalar_subquery()
    ended = func.coalesce(_LINK.c.unlinked_at, _LINK.c.cancelled_at)
    tied = exists().where(_LINK.c.member_id == _MEMBER.c.member_id, or_(ended.is_(None), ended >= before))
    gone = select(_MEMBER.c.member_id).where(_MEMBER.c.generation < present, ~tied).limit(limit)
    ids = list((await connection.execute(gone)).scalars())
    for column in (_NUMBER.c.member_id, _LINK.c.member_id, _MEMBER.c.member_id):
        await connection.execute(delete(column.table).where(column.in_(ids)))
    return len(ids)


async def _cases(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove closed cases; what a person said about a member stays as long as the link that it is about."""
    about_link = exists().where(_LINK.c.member_id == _SUSPENSE.c.subject_id, _SUSPENSE.c.subject_kind == "member")
    settled = exists().where(_MESSAGE.c.key == _SUSPENSE.c.subject_id, _FINAL)
    over = or_(
        _SUSPENSE.c.resolved_by == CONNECTOR,
        and_(_SUSPENSE.c.subject_kind == "message", settled),
        and_(_SUSPENSE.c.reason == BY_HAND, ~about_link),
    )
    return await _delete(connection, _SUSPENSE.c.id, and_(_SUSPENSE.c.resolved_at < before, over), limit)


async def _edits(connection: AsyncConnection, before: datetime, limit: int) -> int:
    old = select(_EDIT.c.membership_id, _EDIT.c.name).where(_EDIT.c.last_at < before).limit(limit)
    gone = 0
    for membership, name in (await connection.execute(old)).all():
        own = delete(_EDIT).where(_EDIT.c.membership_id == membership, _EDIT.c.name == name)
        gone += (await connection.execute(own)).rowcount
    return gone + await _delete(connection, _HARM.c.id, _HARM.c.at < before, limit)


async def _operations(connection: AsyncConnection, before: datetime, limit: int) -> int:
    paused = delete(_PAUSE).where(_PAUSE.c.released_at < before)
    return (
        await _delete(connection, _SEND.c.id, _SEND.c.stamp < before, limit)
        + await _delete(connection, _LEASE.c.name, _LEASE.c.until < before, limit)
        + await _delete(connection, _CONFIRMATION.c.id, _CONFIRMATION.c.at < before, limit)
        + await _delete(connection, _LOGIN.c.id, _LOGIN.c.seen_at < before, limit)
        + await _delete(connection, _PROPOSAL.c.id, _PROPOSAL.c.expires_at < before, limit)
        + await _delete(connection, _INCIDENT.c.id, _INCIDENT.c.closed_at < before, limit)
        + (await connection.execute(paused)).rowcount
    )


async def _deeds(connection: AsyncConnection, before: datetime, limit: int) -> int:
    return await _delete(connection, _DEED.c.id, _DEED.c.at < before, limit)


async def _deposits(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove deposits that the scheme was handed; those that came before are not told again by then."""
    return await _delete(connection, _DEPOSIT.c.id, _DEPOSIT.c.handed_at < before, limit)


async def _delete(
    connection: AsyncConnection, key: ColumnElement[str] | ColumnElement[int], old: ColumnElement[bool], limit: int
) -> int:
    keys = list((await connection.execute(select(key).where(old).limit(limit))).scalars())
    target = key.table
    return (await connection.execute(delete(target).where(key.in_(keys)))).rowcount if keys else 0


RULES = (
    Rule(
        "stays",
        (
            "reservation",
            "order_item",
            "product_order",
            "bill",
            "bill_of_stay",
            "companion",
            "decision",
            "primary_source",
        ),
        _stays,
    ),
    Rule("awards", ("award",), _awards),
    Rule("requests", ("message",), _requests),
    Rule("profiles", ("guest",), _profiles),
    Rule("members", ("member", "partner_number", "link"), _members),
    Rule("cases", ("suspense",), _cases),
    Rule("edits", ("edit", "harm"), _edits),
    Rule("deeds", ("deed",), _deeds),
    Rule("deposits", ("deposit",), _deposits),
    Rule("operations", ("send", "lease", "confirmation", "pause", "login", "proposal", "incident"), _operations),
)

#: Tables without a rule, and why.
KEPT = {
    "candidate": "emptied before each matching",
    "circuit": "one row for each remote system",
    "claim": "keeps a stay from being given miles twice",
    "closed_figures": "the books of closed months, without persons",
    "closing": "the books of closed months, without persons",
    "cursor": "one row for each stream",
    "elsewhere": "keeps a stay from being given miles twice",
    "enrolment": "one row for each membership that asked to join",
    "erased": "keeps erased persons from being stored again",
    "fact": "about the database and its properties",
    "hint": "gone when a reading begins, and 5,000 at most",
    "history": "a chain of hashes; its words about persons go with their award",
    "intent": "work that is open",
    "job_run": "the last 1,000 of each job",
    "lane": "work that is open",
    "membership": "as Mews has it: one that is deleted there is told again every day",
    "mews_name": "as Mews has it, without persons",
    "notice": "told, and forgotten after sixty days",
    "opt_out": "what a person wants, until it is taken back",
    "program": "as Mews has it, without persons",
    "property": "as Mews has it, without persons",
    "service": "as Mews has it, without persons",
    "tier": "as Mews has it, without persons",
}
