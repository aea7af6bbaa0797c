"""Messages as a partner's statement may name them: by reference, by stay, or by member, day and miles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit, Kind
from connector.domain.grants import roots
from connector.domain.ledger import State
from connector.domain.statement import Booked
from connector.store import stays
from connector.store.codec import decode
from connector.store.engine import Database
from connector.store.rows import among, table
from connector.store.tables import ledger as tables

_AWARD, _MESSAGE, _CLAIM = table(tables.Award), table(tables.Message), table(tables.Claim)
_LATER = _MESSAGE.alias("later")
_REHEARSED = (State.SHADOW, State.TEST)
_PAGE = 1000
_SELECT = select(
    *(_MESSAGE.c[name] for name in ("key", "state", "kind", "miles", "reference", "credit", "settled_at", "award_id"))
)
# a rehearsal says the whole of what it found: a later one of the same award takes its place
_STANDS = and_(
    _MESSAGE.c.state != State.SUPERSEDED,
    or_(
        _MESSAGE.c.state.not_in(_REHEARSED),
        ~exists().where(
            _LATER.c.award_id == _MESSAGE.c.award_id,
            _LATER.c.kind == Kind.CREDIT,
            _LATER.c.state.in_(_REHEARSED),
            _LATER.c.revision > _MESSAGE.c.revision,
        ),
    ),
)


async def by_reference(
    connection: AsyncConnection, partner: str, references: Collection[str], zone: tzinfo
) -> dict[str, list[Booked]]:
    """Return messages by their key or the partner's reference."""
    named = or_(*(among(connection, column, references) for column in (_MESSAGE.c.key, _MESSAGE.c.reference)))
    found: dict[str, list[Booked]] = {}
    for _, each in await _read(connection, partner, zone, named):
        for name in {each.key, each.reference} & set(references):
            found.setdefault(name, []).append(each)
    return found


async def by_stay(
    connection: AsyncConnection, partner: str, words: Sequence[str], zone: tzinfo
) -> dict[str, list[Booked]]:
    """Return messages by the number, id or channel number of any reservation of the award, or a grant's reference."""
    named = await stays.find_each(connection, words)
    granted = [root for word in words for root in roots(word)]
    claims = await connection.execute(
        select(_CLAIM.c.reservation_id, _CLAIM.c.award_id).where(
            _CLAIM.c.partner == partner,
            among(connection, _CLAIM.c.reservation_id, [*_each(named), *granted]),
        )
    )
    awards: dict[str, set[str]] = {}
    for reservation_id, award_id in claims:
        awards.setdefault(reservation_id, set()).add(award_id)
    ids = {each for those in awards.values() for each in those}
    messages = await _read(connection, partner, zone, among(connection, _MESSAGE.c.award_id, ids))
    found: dict[str, list[Booked]] = {}
    for word in words:
        own = set().union(*(awards.get(each, set()) for each in (*named.get(word, ()), *roots(word))))
        found[word] = [each for award_id, each in messages if award_id in own]
    return found


def _each(named: dict[str, list[str]]) -> Iterable[str]:
    return (each for ids in named.values() for each in ids)


async def by_member(
    connection: AsyncConnection, partner: str, lanes: Collection[str], days: Collection[date], zone: tzinfo
) -> list[Booked]:
    """Return messages of members (by their lanes), and those that departed or were answered near one of some days."""
    wanted: list[ColumnElement[bool]] = [among(connection, _MESSAGE.c.lane, lanes)]
    if days:
        first, last = min(days) - timedelta(days=2), max(days) + timedelta(days=2)
        departed = select(_AWARD.c.id).where(_AWARD.c.departure.in_(sorted(days)))
        wanted += [_MESSAGE.c.award_id.in_(departed), _MESSAGE.c.settled_at.between(_start(first), _start(last))]
    return [each for _, each in await _read(connection, partner, zone, or_(*wanted))]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def of_partner(database: Database, partner: str, zone: tzinfo) -> AsyncIterator[list[Booked]]:
    """Yield every message of a partner in pages, each a transaction of its own."""
    after = ""
    while True:
        async with database.read() as connection:
            rows = await _read(connection, partner, zone, _MESSAGE.c.key > after, limit=_PAGE)
        yield [each for _, each in rows]
        if len(rows) < _PAGE:
            return
        after = rows[-1][1].key


async def _read(
    connection: AsyncConnection,
    partner: str,
    zone: tzinfo,
    wanted: ColumnElement[bool],
    limit: int | None = None,
) -> list[tuple[str, Booked]]:
    statement = _SELECT.where(_MESSAGE.c.partner == partner, _STANDS, wanted).order_by(_MESSAGE.c.key).limit(limit)
    return [(row.award_id, _booked(row, zone)) for row in await connection.execute(statement)]


def _booked(row: Any, zone: tzinfo) -> Booked:
    credit = decode(Credit, row.credit)
    return Booked(
        key=row.key,
        state=State(row.state),
        miles=row.miles if row.kind == Kind.CREDIT else -row.miles,
        number=credit.member_number,
        reference=row.reference,
        stay=credit.reservation_number,
        departure=credit.departure,
        answered=None if row.settled_at is None else row.settled_at.astimezone(zone).date(),
    )
