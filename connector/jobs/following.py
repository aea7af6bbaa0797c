"""Messages that wait for another one, the reversal of what they replace.

Where the partner's books can be read, a credit waits until they show the reversal: what was only accepted may never be
done, and then both credits would stand. Without books no more will ever be known than that it was accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.jobs.confirming import PATIENCE
from connector.jobs.contracts import Partnership
from connector.jobs.suspending import NOT_REVERSED, suspend
from connector.store import ledger, suspense, waiting
from connector.store.ledger import Step
from connector.store.waiting import Awaited

_DONE = {State.CREDITED, State.SHADOW, State.TEST}
_NEVER = {State.REFUSED, State.SUSPENDED, State.VOID}


async def release(connection: AsyncConnection, partnership: Partnership, actor: str, now: datetime) -> None:
    """Let go of messages whose reversal is done; those whose reversal will not be done are left to a person.

    So are those whose reversal the books do not show in time. What becomes of it later lets them go all the same, as
    long as nobody has acknowledged or settled their case.
    """
    freed: list[Message] = []
    lost: list[tuple[Message, str]] = []
    for message, awaited in await waiting.listing(connection, partnership.name, NOT_REVERSED):
        undone = [each for each in awaited if not _is_done(each, message, partnership)]
        if not undone:
            freed.append(message)
        elif message.state is State.HELD and (why := _fault(undone, now, asked=partnership.mode == "live")):
            lost.append((message, why))
    steps = [Step(each, State.READY, "the reversal is done", {"settled_at": None}) for each in freed]
    await ledger.move(connection, steps, actor, now)
    await suspense.close_cases(connection, "message", [each.key for each in freed], now, reasons=[NOT_REVERSED])
    await suspend(connection, lost, NOT_REVERSED, actor, now)
    if lost:
        await release(connection, partnership, actor, now)  # a credit may wait for a reversal that waited


def _is_done(awaited: Awaited, message: Message, partnership: Partnership) -> bool:
    """Tell whether a message need not wait for another one; reversals follow each other without the books."""
    enough = not partnership.confirms or message.kind is Kind.REVERSAL
    return awaited.state in _DONE or (awaited.state is State.ACCEPTED and enough)


def _fault(undone: Sequence[Awaited], now: datetime, *, asked: bool) -> str:
    """Return why what a message waits for will not be done; ``asked``: the partner's books are looked into."""
    if any(each.state in _NEVER for each in undone):
        return "the reversal that it waits for was not done"
    overdue = any(
        each.state is State.ACCEPTED and each.sent_at is not None and now - each.sent_at >= PATIENCE for each in undone
    )
    late = "the reversal that it waits for was accepted, but the partner's books do not show it"
    return late if overdue and asked else ""
