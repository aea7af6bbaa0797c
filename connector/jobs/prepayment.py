"""What a partner wants paid in advance, and a person's case when it is used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs.sending import Sender, Sent
from connector.ports import Outcome
from connector.store import suspense
from connector.store.suspense import Case

EXHAUSTED = "out_of_credit"
_PAID = {Outcome.CREDITED, Outcome.ACCEPTED}


async def tell(connection: AsyncConnection, sender: Sender, outcomes: Sequence[Sent], now: datetime) -> None:
    """Open the partner's case when its account is used up; close it when miles are given again."""
    name = sender.partnership.name
    if sender.exhausted:
        text = f"partner {sender.stopped}; nothing was refused, and it goes on when the account is paid up"
        await suspense.open_cases(connection, [Case("partner", name, EXHAUSTED, text, name)], now)
    elif any(each.receipt.outcome in _PAID for each in outcomes):
        await suspense.close_cases(connection, "partner", [name], now, reasons=[EXHAUSTED])
