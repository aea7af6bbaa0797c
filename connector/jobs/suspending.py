"""Leaving messages to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.store import ledger, outbox, suspense
from connector.store.ledger import Step
from connector.store.suspense import Case

OUTCOME = "outcome"  # it is not known whether it was done
REFUSED = "refused"
UNWRITABLE = "unwritable"
ABOVE_CEILING = "above_ceiling"
NOT_REVERSED = "not_reversed"


async def suspend(
    connection: AsyncConnection, messages: Sequence[tuple[Message, str]], reason: str, actor: str, now: datetime
) -> None:
    """Take messages out of the sending, each with what is to be told, and open a case of this reason for each."""
    if not messages:
        return
    steps = [Step(m, State.SUSPENDED, text, {"settled_at": now}) for m, text in messages]
    await ledger.move(connection, steps, actor, now)
    await outbox.leave_lanes(connection, [m.key for m, _ in messages])
    await suspense.open_cases(connection, [case(m, text, reason) for m, text in messages], now)


def case(message: Message, text: str, reason: str = OUTCOME) -> Case:
    """Return the case of a message that needs a person."""
    what = "grant" if message.credit.grant else "stay"
    words = f"{message.kind} of {message.miles} for {what} {message.credit.reservation_number}: {text}"
    return Case("message", message.key, reason, words, message.partner)
