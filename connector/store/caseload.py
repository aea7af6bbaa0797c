"""Open cases as a person goes through them: filtered, in pages, with what each is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.suspense import OPEN, Case, OpenCase
from connector.store.tables import ledger, running, stays

_SUSPENSE, _RESERVATION = table(running.Suspense), table(stays.Reservation)
_MESSAGE, _AWARD = table(ledger.Message), table(ledger.Award)
_ABOUT_STAYS = ("reservation", "companions")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are meant; "" is all."""

    kind: str = ""
    reason: str = ""
    partner: str = ""
    property_id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """How many open cases there are of a reason, about a kind of subject, at a partner."""

    kind: str
    reason: str
    partner: str
    count: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A case with the property that it is about, where it is about one."""

    case: OpenCase
    property_id: str | None


_COLUMNS = tuple(
    _SUSPENSE.c[name]
    for name in ("id", "subject_kind", "subject_id", "reason", "text", "partner", "first_at", "last_at")
)
_PLACE = case(
    (_SUSPENSE.c.subject_kind == "property", _SUSPENSE.c.subject_id),
    else_=func.coalesce(_RESERVATION.c.property_id, _AWARD.c.property_id),
)


def _joined() -> FromClause:
    of_stay = and_(_SUSPENSE.c.subject_kind.in_(_ABOUT_STAYS), _RESERVATION.c.id == _SUSPENSE.c.subject_id)
    of_message = and_(_SUSPENSE.c.subject_kind == "message", _MESSAGE.c.key == _SUSPENSE.c.subject_id)
    return (
        _SUSPENSE.outerjoin(_RESERVATION, of_stay)
        .outerjoin(_MESSAGE, of_message)
        .outerjoin(_AWARD, _AWARD.c.id == _MESSAGE.c.award_id)
    )


async def page(connection: AsyncConnection, wanted: Filter, after: int, limit: int) -> list[Placed]:
    """Return open cases with a number above ``after``, oldest first."""
    statement = (
        select(*_COLUMNS, _PLACE)
        .select_from(_joined())
        .where(OPEN, _SUSPENSE.c.id > after, *_conditions(wanted))
        .order_by(_SUSPENSE.c.id)
        .limit(limit)
    )
    rows = await connection.execute(statement)
    return [Placed(OpenCase(row[0], Case(*row[1:6]), row[6], row[7]), row[8]) for row in rows]


async def groups(connection: AsyncConnection) -> list[Group]:
    """Return how many cases are open, by subject, reason and partner."""
    by = (_SUSPENSE.c.subject_kind, _SUSPENSE.c.reason, _SUSPENSE.c.partner)
    rows = await connection.execute(select(*by, func.count()).where(OPEN).group_by(*by).order_by(*by))
    return [Group(*row) for row in rows]


def _conditions(wanted: Filter) -> Sequence[ColumnElement[bool]]:
    asked = (
        (_SUSPENSE.c.subject_kind, wanted.kind),
        (_SUSPENSE.c.reason, wanted.reason),
        (_SUSPENSE.c.partner, wanted.partner),
        (_PLACE, wanted.property_id),
    )
    return [column == value for column, value in asked if value]
