"""Reading a partner's books before a message is sent, where they only count: more than that, and it was taken.

The mark is read while the message is in flight and its member's lane is held, and stored before the request leaves.
Until then ``UNREAD`` stands in its place: a process that ends before has provably sent nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.errors import Conflict
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.sending import Sender, Sent, obstacle_of
from connector.ports import PartnerRequest
from connector.store import lookups
from connector.store.ledger import Step

UNREAD = "unread"
Claimed = tuple[Message, PartnerRequest]


def fields_of(partnership: Partnership, message: Message) -> dict[str, Any]:
    """Return the columns of a message that is claimed: a first send has no mark yet, a repeat is not looked for yet."""
    if message.last_sent_at is not None:
        return {"absences": 0}
    return {"absences": 0, "mark": UNREAD if partnership.counts else ""}


def left_behind(messages: Sequence[Message], now: datetime) -> tuple[list[Step], list[Step]]:
    """Return the steps of messages whose sender ended: into doubt, or back where it provably had sent nothing.

    That a process dies with a whole group is no failure of any of them, so it is not counted as one.
    """

    def fields(message: Message) -> dict[str, Any]:
        return {"due_at": now, "owner": None, "attempts": max(0, message.attempts - 1)}

    return (
        [Step(m, State.IN_DOUBT, "its sender ended", fields(m)) for m in messages if m.mark != UNREAD],
        [
            Step(m, State.READY, "its sender ended before it sent", fields(m) | {"last_sent_at": None})
            for m in messages
            if m.mark == UNREAD
        ],
    )


async def marked(
    chain: Chain, sender: Sender, claimed: Sequence[Claimed], until: datetime
) -> tuple[list[Claimed], list[Sent]]:
    """Read and store the marks of first sends; return what may be sent, and what may not with the reason."""
    books = sender.partnership.channel.books
    if books is None or not books.counts:
        return list(claimed), []
    slots = asyncio.Semaphore(sender.partnership.concurrency)

    async def one(message: Message) -> str | Sent:
        async with slots:
            return message.mark if message.last_sent_at else await sender.mark(books, message, until)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(message)) for message, _ in claimed]
    found = list(zip(claimed, (task.result() for task in tasks), strict=True))
    ready = [(replace(m, mark=mark), request) for (m, request), mark in found if isinstance(mark, str)]
    marks = {message.key: message.mark for message, _ in ready if message.last_sent_at is None}
    try:
        async with chain.database.write(fenced=False) as connection:  # a message's own lease is asked for here
            await lookups.keep_marks(connection, marks, chain.owner)
    except Conflict as conflict:  # another process took them over
        return [], [obstacle_of(message, f"not sent: {conflict}") for message, _ in claimed]
    return ready, [mark for _, mark in found if isinstance(mark, Sent)]
