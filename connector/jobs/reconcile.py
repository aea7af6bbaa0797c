"""The job that compares: doubts are looked at again, months are closed, and what has no answer is told to a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.months import month_of
from connector.domain.reconciliation import Calendar
from connector.jobs.chain import Chain
from connector.jobs.closing import Terms, close_due
from connector.jobs.figures import Prices
from connector.store import suspense, unanswered
from connector.store.suspense import Case

SUBJECT, DIFFERENCE = "month", "difference"
_PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many messages have no answer, and how many months were closed."""

    open: int
    closed: int


async def reconcile(chain: Chain, prices: Prices, terms: Terms) -> Reconciled:
    """Make due what waits for an answer for a day, close months, and tell the months with differences."""
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await unanswered.make_due(connection, now - _PATIENCE, now)
    closed = await close_due(chain, terms, prices)
    return Reconciled(await _tell(chain, terms), len(closed))


async def _tell(chain: Chain, terms: Terms) -> int:
    """Open a case for each month and partner with miles that were sent and have no answer; close the others."""
    now = chain.clock.now()
    limit = month_of(Calendar(terms.zone).day(now - (terms.after or timedelta(0))))
    messages: Counter[tuple[str, date]] = Counter()
    miles: Counter[tuple[str, date]] = Counter()
    async with chain.database.write() as connection:
        async for partner, departure, count, total in unanswered.by_departure(connection, limit):
            messages[partner, month_of(departure)] += count
            miles[partner, month_of(departure)] += total
        cases = [_case(*key, count, miles[key]) for key, count in sorted(messages.items())]
        await suspense.open_cases(connection, cases, now)
        await suspense.close_stale(connection, SUBJECT, [DIFFERENCE], now)
    return messages.total()


def _case(partner: str, month: date, messages: int, miles: int) -> Case:
    text = (
        f"{month:%Y-%m} at {partner}: {messages} messages with {miles} miles were sent and have no answer; "
        "`ledger reconcile --against` compares with the partner's statement"
    )
    return Case(SUBJECT, f"{month:%Y-%m}", DIFFERENCE, text, partner)
