"""Messages that wait for another one, the reversal of what they replace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import State
from connector.jobs.suspending import NOT_REVERSED, suspend
from connector.store import ledger, outbox
from connector.store.ledger import Step

_DONE = {State.CREDITED, State.ACCEPTED, State.SHADOW, State.TEST}
_NEVER = {State.REFUSED, State.SUSPENDED, State.VOID}


async def release(connection: AsyncConnection, partner: str, actor: str, now: datetime) -> None:
    """Let go of messages whose reversal is done; those whose reversal will not be done are left to a person."""
    lost = False
    for message, before in await outbox.waiting(connection, partner):
        if before in _DONE:
            await ledger.move(connection, [Step(message, State.READY, "the reversal is done")], actor, now)
        elif before in _NEVER:
            why = "the reversal that it waits for was not done"
            await suspend(connection, [(message, why)], NOT_REVERSED, actor, now)
            lost = True
    if lost:
        await release(connection, partner, actor, now)  # a credit may wait for a reversal that waited
