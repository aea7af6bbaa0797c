"""What a partner wants paid in advance, and a person's case when it is used up or little is left.

No partner tells how much is left, so that is what the settings say was bought, less what was given since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.sending import Sender, Sent
from connector.ports import Outcome
from connector.store import given, suspense
from connector.store.suspense import Case

EXHAUSTED, LOW = "out_of_credit", "low_on_credit"
MEND = "buy more, and add them to the credits of [partners.{}.prepaid]"
_PAID = {Outcome.CREDITED, Outcome.ACCEPTED}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of the credits of an account, by our count."""

    left: Decimal
    bought: int
    is_low: bool

    def __str__(self) -> str:
        return f"{self.left:,.0f} of {self.bought:,} prepaid credits are left by our count"


async def tell(connection: AsyncConnection, sender: Sender, outcomes: Sequence[Sent], now: datetime) -> None:
    """Open the partner's case when its account is used up; close it when miles are given again."""
    name = sender.partnership.name
    if sender.exhausted:
        text = f"partner {sender.stopped}; nothing was refused, and it goes on when the account is paid up"
        await suspense.open_cases(connection, [Case("partner", name, EXHAUSTED, text, name)], now)
    elif not sender.paid and any(each.receipt.outcome in _PAID for each in outcomes):
        sender.paid = True
        await suspense.close_cases(connection, "partner", [name], now, reasons=[EXHAUSTED])


async def rest(connection: AsyncConnection, partnership: Partnership) -> Rest | None:
    """Count what is left of the credits of an account; None where nobody wants them counted."""
    prepaid = partnership.prepaid
    if prepaid is None:
        return None
    begin = datetime(prepaid.since.year, prepaid.since.month, prepaid.since.day, tzinfo=partnership.pacing.zone)
    miles = await given.since(connection, partnership.name, partnership.account, begin.astimezone(UTC))
    return Rest(prepaid.left(miles), prepaid.credits, prepaid.is_low(miles))


async def watch(chain: Chain, partnership: Partnership, *, settled: bool) -> None:
    """Open the account's case when few credits are left, close it when there are enough again, or nobody counts them.

    Counting reads every message since then, so it is done only where something was ``settled`` or a case stands.
    """
    label = partnership.label
    async with chain.database.read() as connection:
        stands = bool(await suspense.subjects_with(connection, "partner", LOW, [label]))
        found = await rest(connection, partnership) if settled or stands else None
    is_low = found is not None and found.is_low
    if is_low == stands:
        return
    async with chain.database.write() as connection:
        if found is None or not is_low:
            await suspense.close_cases(connection, "partner", [label], chain.clock.now(), reasons=[LOW])
            return
        _log.warning("few prepaid credits are left", partner=label, left=str(found.left))
        case = Case("partner", label, LOW, _text(partnership), partnership.name)
        await suspense.open_cases(connection, [case], chain.clock.now())


def _text(partnership: Partnership) -> str:
    """Return what the case says: nothing in it changes from pass to pass."""
    prepaid, label = partnership.prepaid, partnership.label
    least = prepaid.low_water if prepaid else 0
    return f"partner {label}: fewer than {least:,} prepaid credits are left by our count; {MEND.format(label)}"
