"""Every message as finance reads it: our reference, the hotel's, the partner's, miles, amounts and times."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit
from connector.domain.numbers import mask
from connector.store.codec import decode
from connector.store.engine import Database
from connector.store.rows import table
from connector.store.tables import ledger as tables
from connector.store.tables.stays import Property

_AWARD, _MESSAGE, _PROPERTY = table(tables.Award), table(tables.Message), table(Property)
_PAGE = 1000
_TOLD = ("key", "partner", "kind", "revision", "state", "miles", "reference", "reason", "created_at")
_COLUMNS = (
    *(_MESSAGE.c[name] for name in (*_TOLD, "first_sent_at", "settled_at", "credit")),
    _AWARD.c.unit,
    _PROPERTY.c.table_name,
)


@dataclass(frozen=True, slots=True)
class Exported:
    """One message. ``reference`` is our own (the message's key), ``partner_reference`` the partner's; ``miles`` of a
    reversal are negative. ``member`` is masked; ``property`` is the property's table, its id where that is unknown.
    """

    reference: str
    partner: str
    kind: str
    revision: int
    state: str
    stay: str
    reservation_id: str
    property: str
    departure: date
    member: str
    miles: int
    unit: str
    net: Decimal
    gross: Decimal
    currency: str
    partner_reference: str
    reason: str
    made_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages are exported: departures (inclusive), a partner, a state; None: any."""

    first: date | None = None
    last: date | None = None
    partner: str | None = None
    state: str | None = None


async def exported(database: Database, chosen: Chosen) -> AsyncIterator[Exported]:
    """Yield messages by key, in pages that are transactions of their own."""
    after = ""
    while True:
        async with database.read() as connection:
            page = await _page(connection, chosen, after)
        for each in page:
            yield each
        if len(page) < _PAGE:
            return
        after = page[-1].reference


async def _page(connection: AsyncConnection, chosen: Chosen, after: str) -> list[Exported]:
    statement = (
        select(*_COLUMNS)
        .join(_AWARD, _AWARD.c.id == _MESSAGE.c.award_id)
        .outerjoin(_PROPERTY, _PROPERTY.c.id == _AWARD.c.property_id)
        .where(_MESSAGE.c.key > after)
        .order_by(_MESSAGE.c.key)
        .limit(_PAGE)
    )
    if chosen.first is not None:
        statement = statement.where(_AWARD.c.departure >= chosen.first)
    if chosen.last is not None:
        statement = statement.where(_AWARD.c.departure <= chosen.last)
    if chosen.partner is not None:
        statement = statement.where(_MESSAGE.c.partner == chosen.partner)
    if chosen.state is not None:
        statement = statement.where(_MESSAGE.c.state == chosen.state)
    return [_exported(row) for row in await connection.execute(statement)]


def _exported(row: Any) -> Exported:
    credit = decode(Credit, row.credit)
    return Exported(
        reference=row.key,
        partner=row.partner,
        kind=row.kind,
        revision=row.revision,
        state=row.state,
        stay=credit.reservation_number,
        reservation_id=credit.reservation_id,
        property=row.table_name or credit.property_id,
        departure=credit.departure,
        member=mask(credit.member_number),
        miles=row.miles if row.kind == "credit" else -row.miles,
        unit=row.unit,
        net=credit.value_net,
        gross=credit.value_gross,
        currency=credit.currency,
        partner_reference=row.reference,
        reason=row.reason,
        made_at=row.created_at,
        sent_at=row.first_sent_at,
        settled_at=row.settled_at,
    )
