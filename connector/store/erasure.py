"""Taking a person out of the store: their rows go, the books keep miles, dates and properties without them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import chain

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit
from connector.domain.grants import SEATS
from connector.domain.ledger import TRANSITIONS
from connector.domain.numbers import mask
from connector.domain.stays import BOOKER, OWNER, Reservation
from connector.store.codec import decode, encode
from connector.store.persons import Person
from connector.store.rows import table
from connector.store.rulebook import freeze, thaw
from connector.store.tables import folios, ledger, members, people, running, stays
from connector.store.traces import TRACES

ERASED = "erased"
_AWARD, _CLAIM, _MESSAGE = table(ledger.Award), table(ledger.Claim), table(ledger.Message)
_HISTORY, _ELSEWHERE, _LANE = table(ledger.History), table(ledger.Elsewhere), table(ledger.Lane)
_BILL, _OF_STAY, _HARM = table(folios.Bill), table(folios.BillOfStay), table(members.Harm)
_RESERVATION, _DECISION = table(stays.Reservation), table(stays.Decision)
_SEATS = frozenset({OWNER, BOOKER, *SEATS})
_SHORTEST = 4  # a shorter id or number would be found in every text

#: Texts in which people and the connector wrote about anybody.
_TEXTS = (
    (table(running.Suspense), ("text", "note")),
    (_DECISION, ("text", "explanation")),
    (_MESSAGE, ("reason",)),
    (_HISTORY, ("detail",)),
    (_ELSEWHERE, ("note",)),
    (table(running.Pause), ("note",)),
    (table(people.OptOut), ("note",)),
    (table(running.Fact), ("value",)),
)


async def undecided(connection: AsyncConnection, person: Person) -> dict[str, int]:
    """Return how many messages of a person are not at their end, by state."""
    rows = await connection.execute(
        select(_MESSAGE.c.state, func.count())
        .where(
            _MESSAGE.c.key.in_(person.messages),
            _MESSAGE.c.state.in_([each for each in TRANSITIONS if TRANSITIONS[each]]),
        )
        .group_by(_MESSAGE.c.state)
    )
    return {row[0]: row[1] for row in rows}


async def counts(connection: AsyncConnection, person: Person) -> dict[str, int]:
    """Return how many rows of each table are about a person."""
    found = {}
    for trace in TRACES:
        statement = select(func.count()).select_from(trace.table).where(trace.about(person))
        found[trace.title] = int((await connection.execute(statement)).scalar_one())
    return {title: count for title, count in found.items() if count}


async def erase(connection: AsyncConnection, person: Person, now: datetime) -> None:
    """Remove a person's rows, and take the person out of those that the books need."""
    await remove(connection, person)
    await connection.execute(delete(_LANE).where(_LANE.c.message_key.in_(person.messages)))
    nobodys = update(_BILL).where(_BILL.c.account_id.in_(person.accounts)).values(account_id="")
    await connection.execute(nobodys)
    await _blank_books(connection, person, now)
    await _bookings(connection, person)
    claims = select(_CLAIM.c.reservation_id).where(_CLAIM.c.award_id.in_(person.awards))
    await _Scrubber(person).run(connection, _DECISION.c.reservation_id.in_(claims))


async def remove(connection: AsyncConnection, person: Person) -> None:
    """Remove the rows that are a person's, or of some of their stays, and the bills on which nothing else stands."""
    own_bills = select(_OF_STAY.c.bill_id).where(_OF_STAY.c.reservation_id.in_(person.stays))
    bills = set((await connection.execute(own_bills)).scalars())
    for trace in TRACES:
        if not trace.kept:
            await connection.execute(delete(trace.table).where(trace.about(person)))
    others = exists().where(_OF_STAY.c.bill_id == _BILL.c.id)
    theirs = or_(_BILL.c.id.in_(bills), _BILL.c.account_id.in_(person.accounts))
    await connection.execute(delete(_BILL).where(theirs, ~others))


async def blank(connection: AsyncConnection, awards: Iterable[str], now: datetime) -> None:
    """Take out of awards, their messages and their history whose they are; keys, claims, miles and dates stay."""
    for award_id in awards:
        columns = (_AWARD.c.frozen, _AWARD.c.seat)
        row = (await connection.execute(select(*columns).where(_AWARD.c.id == award_id))).one()
        frozen = replace(thaw(row.frozen), tier=None, membership_id=None, member_number=None)
        seat = row.seat if row.seat in _SEATS else f"{ERASED} {secrets.token_hex(8)}"  # a companion sits by their id
        values = {"membership_id": "", "member_number": "", "frozen": freeze(frozen), "erased_at": now, "seat": seat}
        await connection.execute(update(_AWARD).where(_AWARD.c.id == award_id).values(**values))
        await connection.execute(update(_CLAIM).where(_CLAIM.c.award_id == award_id).values(seat=seat))
        messages = await connection.execute(
            select(_MESSAGE.c.key, _MESSAGE.c.credit).where(_MESSAGE.c.award_id == award_id)
        )
        for key, credit in messages.all():
            nothing = {"path": None, "headers": None, "content": None, "lane": "", "mark": "", "reason": ""}
            said = {"credit": encode(_nobodys(decode(Credit, credit)))} | nothing
            await connection.execute(update(_MESSAGE).where(_MESSAGE.c.key == key).values(**said))
        # the digest of a detail stays, and with it the hash of the line: see ``connector.store.integrity``
        told = and_(_HISTORY.c.award_id == award_id, _HISTORY.c.detail != "")
        await connection.execute(update(_HISTORY).where(told).values(detail="", salt=""))


def _nobodys(credit: Credit) -> Credit:
    """Return what a message says without whose it is: not the number, not the hotel's own number, not the hour."""
    day = datetime.combine(credit.departure, time(), UTC)
    return replace(credit, member_number="", reservation_number="", departed_at=day)


async def _blank_books(connection: AsyncConnection, person: Person, now: datetime) -> None:
    await blank(connection, sorted(person.awards), now)
    mine = _ELSEWHERE.c.reservation_id.in_(person.stays)
    await connection.execute(update(_ELSEWHERE).where(mine).values(note=""))
    for membership in sorted(person.memberships):  # what the guard counts in a day stays
        name = f"{ERASED} {secrets.token_hex(8)}"
        await connection.execute(update(_HARM).where(_HARM.c.membership_id == membership).values(membership_id=name))


async def _bookings(connection: AsyncConnection, person: Person) -> None:
    """Leave the person out of the reservations of others that they booked."""
    for account in sorted(person.accounts):
        booked = select(_RESERVATION.c.id, _RESERVATION.c.body).where(
            _RESERVATION.c.body.contains(account, autoescape=True)
        )
        for reservation_id, body in (await connection.execute(booked)).all():
            known = decode(Reservation, body)
            if known.booker_id == account:
                told = encode(replace(known, booker_id=None))
                own = _RESERVATION.c.id == reservation_id
                await connection.execute(update(_RESERVATION).where(own).values(body=told))


class _Scrubber:
    """Takes a person's ids and numbers out of what is written about others."""

    def __init__(self, person: Person) -> None:
        self._ids = sorted((each for each in person.ids if len(each) >= _SHORTEST), key=len, reverse=True)
        self._masks = {mask(each) for each in person.numbers if len(each) >= 3 * _SHORTEST}
        words = map(re.escape, chain(self._ids, sorted(self._masks)))
        self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])")

    async def run(self, connection: AsyncConnection, shared: ColumnElement[bool]) -> None:
        """Scrub every text; ``shared`` are decisions about stays by which the person earned beside others."""
        if not self._ids:
            return
        for target, names in _TEXTS:
            for name in names:
                told = or_(*(target.c[name].contains(each, autoescape=True) for each in self._ids))
                also = [shared] if target is _DECISION else []
                rows = await connection.execute(select(*target.primary_key, target.c[name]).where(or_(told, *also)))
                for *key, text in rows.all():
                    if text and (cleaned := self._pattern.sub(ERASED, text)) != text:
                        # a line of history is all or nothing: its digest stands for the whole detail
                        values = {"detail": "", "salt": ""} if target is _HISTORY else {name: cleaned}
                        own = tuple_(*target.primary_key) == tuple_(*key)
                        await connection.execute(update(target).where(own).values(**values))
