"""Messages as a person chooses them, with what stands around each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Kind
from connector.domain.grants import SEATS
from connector.domain.ledger import State
from connector.domain.operating import Situation
from connector.domain.ruling import Status
from connector.store.account import named
from connector.store.ledger import MESSAGE_COLUMNS, message
from connector.store.rows import among, table
from connector.store.suspense import OPEN
from connector.store.tables import ledger as tables
from connector.store.tables import stays as stay_tables
from connector.store.tables.running import Suspense

_AWARD, _MESSAGE, _DECISION = table(tables.Award), table(tables.Message), table(stay_tables.Decision)
_SUSPENSE = table(Suspense)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages: those of a partner, in one of these states, and whose open case tells of ``about``."""

    partner: str = ""
    states: Sequence[State] = ()
    about: str = ""


async def of_word(connection: AsyncConnection, word: str) -> list[Situation]:
    """Return the message of a key, or those of the awards that a word names, oldest revision first."""
    of_key = await _situations(connection, _MESSAGE.c.key == word)
    return of_key or await _situations(connection, _MESSAGE.c.award_id.in_(select(_AWARD.c.id).where(named(word))))


async def matching(connection: AsyncConnection, wanted: Wanted, limit: int) -> list[Situation]:
    """Return at most ``limit`` messages that are wanted, those due first before the others."""
    which: list[ColumnElement[bool]] = [_MESSAGE.c.state.in_(wanted.states)]
    if wanted.partner:
        which.append(_MESSAGE.c.partner == wanted.partner)
    if wanted.about:
        told = _SUSPENSE.c.text.contains(wanted.about, autoescape=True)
        about = and_(_SUSPENSE.c.subject_kind == "message", _SUSPENSE.c.subject_id == _MESSAGE.c.key)
        which.append(exists().where(about, OPEN, told))
    return await _situations(connection, *which, limit=limit)


async def awards(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Award]:
    """Return awards by id."""
    columns = [_AWARD.c[name] for name in Award.__dataclass_fields__]
    rows = await connection.execute(select(*columns).where(among(connection, _AWARD.c.id, ids)))
    return {row[0]: Award(*row) for row in rows}


async def _situations(
    connection: AsyncConnection, *which: ColumnElement[bool], limit: int | None = None
) -> list[Situation]:
    other, later = _MESSAGE.alias(), _MESSAGE.alias()
    waited_for = select(other.c.state).where(other.c.key == _MESSAGE.c.waits_for).scalar_subquery()
    newest = (
        select(func.max(later.c.revision))
        .where(later.c.award_id == _MESSAGE.c.award_id, later.c.kind == Kind.CREDIT)
        .scalar_subquery()
    )
    awarded = exists().where(
        _AWARD.c.id == _MESSAGE.c.award_id,
        or_(
            _AWARD.c.seat.in_(SEATS),
            exists().where(
                _DECISION.c.partner == _AWARD.c.partner,
                _DECISION.c.reservation_id == _AWARD.c.root_id,
                _DECISION.c.status == Status.AWARDED,
            ),
        ),
    )
    unsure = exists().where(_AWARD.c.id == _MESSAGE.c.award_id, _AWARD.c.unsure_since.is_not(None))
    around = (waited_for.label("waited_for"), newest.label("newest"), awarded.label("awarded"), unsure.label("unsure"))
    statement = (
        select(*MESSAGE_COLUMNS, *around)
        .where(*which)
        .order_by(_MESSAGE.c.due_at, _MESSAGE.c.revision, _MESSAGE.c.kind, _MESSAGE.c.key)
        .limit(limit)
    )
    return [
        Situation(
            message(row[: -len(around)]),
            State(row.waited_for) if row.waited_for else None,
            row.newest in (None, row.revision),
            bool(row.awarded),
            bool(row.unsure),
        )
        for row in await connection.execute(statement)
    ]
