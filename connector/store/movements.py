"""The history of awards in pages, as figures are made of it: a page is read at one moment, all of them need not be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.grants import SEATS
from connector.domain.reconciliation import Entry, File, Said
from connector.store.engine import Database
from connector.store.rows import among, table
from connector.store.tables import ledger as tables

_AWARD, _MESSAGE, _HISTORY = table(tables.Award), table(tables.Message), table(tables.History)
_PAGE = 1000
_FACTS = (_AWARD.c.id, _AWARD.c.partner, _AWARD.c.property_id, _AWARD.c.departure, _AWARD.c.seat)
_ENTRY = tuple(_HISTORY.c[name] for name in ("award_id", "seq", "at", "message_key", "before", "after", "month"))
_by_award = attrgetter("award_id")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which awards are read: those whose departure or history lies in a period, and of one partner or property.

    ``since`` is the moment from which lines of history count that are about earlier departures. ``month``: only those
    with lines that were counted in this closed month.
    """

    first: date | None = None
    last: date | None = None
    since: datetime | None = None
    partner: str | None = None
    property_id: str | None = None
    month: date | None = None

    def of(self, statement: Select[Any]) -> Select[Any]:
        """Return a statement about awards with these conditions."""
        if self.partner is not None:
            statement = statement.where(_AWARD.c.partner == self.partner)
        if self.property_id is not None:
            statement = statement.where(_AWARD.c.property_id == self.property_id)
        if self.last is not None:
            statement = statement.where(_AWARD.c.departure <= self.last)
        if self.first is not None:
            moved = exists().where(_HISTORY.c.award_id == _AWARD.c.id, _HISTORY.c.at >= self.since)
            late = and_(_AWARD.c.departure < self.first, moved)
            statement = statement.where(or_(_AWARD.c.departure >= self.first, late))
        if self.month is not None:
            statement = statement.where(
                exists().where(_HISTORY.c.award_id == _AWARD.c.id, _HISTORY.c.month == self.month)
            )
        return statement


async def files(database: Database, choice: Choice) -> AsyncIterator[File]:
    """Yield awards with their whole history, by id; every page is a short transaction of its own."""
    after = ""
    while True:
        async with database.read() as connection:
            page = await page_of(connection, choice, after)
        for each in page:
            yield each
        if len(page) < _PAGE:
            return
        after = page[-1].award_id


async def page_of(connection: AsyncConnection, choice: Choice, after: str) -> list[File]:
    """Return the next page of awards after an id."""
    chosen = choice.of(select(*_FACTS).where(_AWARD.c.id > after)).order_by(_AWARD.c.id).limit(_PAGE)
    awards = (await connection.execute(chosen)).all()
    ids = [each.id for each in awards]
    entries = await _entries(connection, ids)
    said = await _said(connection, ids)  # after the lines, so that the message of each is there
    return [
        File(
            award_id=each.id,
            partner=each.partner,
            property_id=each.property_id,
            departure=each.departure,
            grant=each.seat in SEATS,
            messages=said.get(each.id, {}),
            entries=entries.get(each.id, []),
        )
        for each in awards
    ]


async def _said(connection: AsyncConnection, award_ids: Sequence[str]) -> dict[str, dict[str, Said]]:
    columns = (_MESSAGE.c.award_id, _MESSAGE.c.key, _MESSAGE.c.kind, _MESSAGE.c.miles, _MESSAGE.c.credit)
    rows = await connection.execute(select(*columns).where(among(connection, _MESSAGE.c.award_id, award_ids)))
    found: dict[str, dict[str, Said]] = {}
    for award_id, key, kind, miles, text in rows:
        credit = json.loads(text)
        net, gross = Decimal(credit["value_net"]), Decimal(credit["value_gross"])
        found.setdefault(award_id, {})[key] = Said(key, Kind(kind), miles, credit["currency"], net, gross)
    return found


async def _entries(connection: AsyncConnection, award_ids: Sequence[str]) -> dict[str, list[Entry]]:
    rows = await connection.execute(
        select(*_ENTRY)
        .where(among(connection, _HISTORY.c.award_id, award_ids))
        .order_by(_HISTORY.c.award_id, _HISTORY.c.seq)
    )
    return {award_id: [Entry(*row[1:]) for row in lines] for award_id, lines in groupby(rows, _by_award)}
