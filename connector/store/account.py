"""The ledger as people read it: member numbers masked, every step of the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit
from connector.domain.grants import roots
from connector.domain.numbers import mask
from connector.store.codec import decode
from connector.store.rows import table
from connector.store.tables import ledger as tables
from connector.store.tables import stays as stay_tables

_AWARD, _MESSAGE, _HISTORY = table(tables.Award), table(tables.Message), table(tables.History)
_CLAIM, _RESERVATION = table(tables.Claim), table(stay_tables.Reservation)


@dataclass(frozen=True, slots=True)
class Line:
    """One message."""

    key: str
    partner: str
    reservation_number: str
    kind: str
    revision: int
    miles: int
    state: str
    member: str
    departure: date
    attempts: int
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One transition of a message."""

    at: datetime
    actor: str
    message_key: str
    before: str
    after: str
    detail: str


@dataclass(frozen=True, slots=True)
class Account:
    """An award with its messages and history."""

    award_id: str
    partner: str
    seat: str
    unit: str
    miles: int
    revision: int
    member: str
    messages: tuple[Line, ...]
    history: tuple[Step, ...]


_COLUMNS = (
    _MESSAGE.c.key,
    _MESSAGE.c.partner,
    _MESSAGE.c.kind,
    _MESSAGE.c.revision,
    _MESSAGE.c.miles,
    _MESSAGE.c.state,
    _MESSAGE.c.credit,
    _MESSAGE.c.attempts,
    _MESSAGE.c.due_at,
    _MESSAGE.c.reason,
)


async def lines(connection: AsyncConnection, partner: str | None, state: str | None, limit: int) -> list[Line]:
    """Return messages, newest first."""
    statement = select(*_COLUMNS).order_by(_MESSAGE.c.created_at.desc(), _MESSAGE.c.key).limit(limit)
    if partner is not None:
        statement = statement.where(_MESSAGE.c.partner == partner)
    if state is not None:
        statement = statement.where(_MESSAGE.c.state == state)
    return [_line(row) for row in await connection.execute(statement)]


def _line(row) -> Line:  # type: ignore[no-untyped-def]  # a row of _COLUMNS
    credit = decode(Credit, row.credit)
    return Line(
        key=row.key,
        partner=row.partner,
        reservation_number=credit.reservation_number,
        kind=row.kind,
        revision=row.revision,
        miles=row.miles,
        state=row.state,
        member=mask(credit.member_number),
        departure=credit.departure,
        attempts=row.attempts,
        due_at=row.due_at,
        reason=row.reason,
    )


async def accounts(connection: AsyncConnection, word: str) -> list[Account]:
    """Return the awards of a reservation (number, channel number or id), a grant's reference, or a message key."""
    rows = await connection.execute(select(_AWARD).where(named(word)).order_by(_AWARD.c.partner, _AWARD.c.id))
    return [await _account(connection, row) for row in rows.all()]


def named(word: str) -> ColumnElement[bool]:
    """Return the condition that a word names an award: by its stay, its grant, a message's key, or its own id."""
    of_message = select(_MESSAGE.c.award_id).where(_MESSAGE.c.key == word)
    of_stay = (
        select(_CLAIM.c.award_id)
        .join(_RESERVATION, _RESERVATION.c.id == _CLAIM.c.reservation_id)
        .where(
            or_(
                _RESERVATION.c.id == word,
                _RESERVATION.c.number == word,
                _RESERVATION.c.channel_number == word,
            )
        )
    )
    return or_(
        _AWARD.c.id == word,
        _AWARD.c.root_id.in_(roots(word)),
        _AWARD.c.id.in_(of_message),
        _AWARD.c.id.in_(of_stay),
    )


async def _account(connection: AsyncConnection, award) -> Account:  # type: ignore[no-untyped-def]  # a row
    messages = await connection.execute(
        select(*_COLUMNS).where(_MESSAGE.c.award_id == award.id).order_by(_MESSAGE.c.revision, _MESSAGE.c.kind)
    )
    history = await connection.execute(
        select(
            _HISTORY.c.at,
            _HISTORY.c.actor,
            _HISTORY.c.message_key,
            _HISTORY.c.before,
            _HISTORY.c.after,
            _HISTORY.c.detail,
        )
        .where(_HISTORY.c.award_id == award.id)
        .order_by(_HISTORY.c.seq)
    )
    return Account(
        award_id=award.id,
        partner=award.partner,
        seat=award.seat,
        unit=award.unit,
        miles=award.miles,
        revision=award.revision,
        member=mask(award.member_number or ""),
        messages=tuple(_line(row) for row in messages),
        history=tuple(Step(*row) for row in history),
    )
