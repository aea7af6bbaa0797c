"""Closing months: their figures are stored, and what comes later is an adjustment of a later month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo

from connector.domain.months import month_after, month_of
from connector.domain.reconciliation import Calendar
from connector.errors import Misconfigured
from connector.jobs.chain import Chain
from connector.jobs.figures import Prices, midnight
from connector.store import closings


@dataclass(frozen=True, slots=True)
class Terms:
    """The chain's clock, and how long after its end a month is closed by itself (None: only by a person)."""

    zone: tzinfo = UTC
    after: timedelta | None = None


async def close_due(chain: Chain, terms: Terms, prices: Prices) -> list[date]:
    """Close the months that ended long enough ago; return them."""
    if terms.after is None:
        return []
    day = Calendar(terms.zone).day(chain.clock.now() - terms.after)
    return await _close(chain, terms, prices, month_of(day), chain.owner)


async def close(chain: Chain, terms: Terms, prices: Prices, month: date, by: str) -> list[date]:
    """Close a month, and those before it that are open; return them, none where it was closed before.

    Raises Misconfigured when the month is not over.
    """
    today = Calendar(terms.zone).day(chain.clock.now())
    if month_after(month) > today:
        raise Misconfigured(f"ledger reconcile: {month:%Y-%m} is not over; expected an earlier month")
    return await _close(chain, terms, prices, month_after(month), by)


async def _close(chain: Chain, terms: Terms, prices: Prices, end: date, by: str) -> list[date]:
    """Close the open months before ``end``, each in a transaction of its own."""
    async with chain.database.read() as connection:
        last, first = await closings.last(connection), await closings.first_departure(connection)
    if last is None and first is None:
        return []
    months = list(_months(month_of(first) if last is None and first else month_after(last or end), end))
    for month in months:
        async with chain.database.write() as connection:
            await closings.stamp(connection, month, midnight(month_after(month), terms.zone).astimezone(UTC))
            sums = await closings.sums(connection, month)
            await closings.close(connection, month, sums, prices, chain.clock.now(), by)
    return months


def _months(month: date, end: date) -> Iterator[date]:
    while month < end:
        yield month
        month = month_after(month)
