"""Looking into a partner's books: what it accepted is credited when they show it, and a doubt ends there.

Where a key makes a repeat harmless, a doubt is sent again and only what was accepted is looked for. Elsewhere a doubt
that the books show is settled; one that they did not show twice, the second time not before the partner's
``doubt_wait`` had passed, may be sent again with the same bytes. What the books do not tell is asked again later,
never assumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Credit, Message
from connector.domain.ledger import State
from connector.errors import Unauthorized
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.landing import FIRST_LOOK
from connector.jobs.marking import UNREAD
from connector.jobs.sending import TRIPPED, Sender
from connector.jobs.suspending import case
from connector.ports import Books, Sight, Sought
from connector.store import ledger, lookups, outbox, suspense
from connector.store.ledger import Step

ABSENCES = 2  # looks that must not have shown a doubt before it is sent again
PATIENCE = timedelta(days=3)  # how long the books may leave a message open before a person is told
NOT_SHOWN = "not_shown"
_SELDOM, _LATER = timedelta(days=1), timedelta(hours=1)  # the longest time between two looks, and for a doubt
_SOON = timedelta(seconds=30)
_OVERDUE = {
    State.ACCEPTED: "accepted, but the partner's books do not show it; ask the partner what became of it",
    State.IN_DOUBT: "outcome unknown, and the partner's books do not tell; ask it whether the miles were given",
}
_GROUP = 64  # messages looked for and settled in one transaction each
Seen = Sequence[tuple[Message, Sight]]


def absences_of(partnership: Partnership) -> int:
    """Return how often the partner's books must not have shown a doubt before it is sent again."""
    return ABSENCES if partnership.looks_up else 0


async def confirm(chain: Chain, partnership: Partnership, sender: Sender) -> int:
    """Look for every message that is due in the partner's books; return how many they settled.

    Nothing is looked for in shadow mode, nor any further after some looks in a row that told nothing.
    """
    books = partnership.channel.books
    if books is None or partnership.mode == "shadow":
        return 0
    confirmation = _Confirmation(chain, partnership, books, sender)
    while await confirmation.group():
        pass
    return confirmation.settled


@dataclass(slots=True)
class _Confirmation:
    chain: Chain
    partnership: Partnership
    books: Books
    sender: Sender
    settled: int = 0
    unclear: int = 0  # looks in a row that told nothing
    others: list[Message] = field(default_factory=list)

    @property
    def _name(self) -> str:
        return self.partnership.name

    @property
    def _over(self) -> bool:
        return bool(self.sender.stopped) or self.unclear >= TRIPPED

    async def group(self) -> bool:
        """Look for one group; tell whether there may be more."""
        now, below = self.chain.clock.now(), absences_of(self.partnership)
        async with self.chain.database.read() as connection:
            account = self.partnership.account
            due = await lookups.due(connection, self._name, now, _GROUP, account=account, doubts_below=below)
            self.others = await lookups.moved(connection, self._name, {each.lane for each in due})
        if due:
            await self._settle(await self._look(due))
        return len(due) == _GROUP and not self._over

    async def _look(self, due: Sequence[Message]) -> Seen:
        slots = asyncio.Semaphore(self.partnership.concurrency)

        async def one(message: Message) -> Sight | None:
            async with slots:
                return None if self._over else await self._sight(message)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(message)) for message in due]
        return [(m, sight) for m, task in zip(due, tasks, strict=True) if (sight := task.result()) is not None]

    async def _sight(self, message: Message) -> Sight | None:
        if self._is_unmarked(message):
            return Sight.UNCLEAR
        sought = Sought(message.credit, message.mark, self._others(message))
        try:
            sight = await self.books.look_up(sought)
        except Unauthorized as fault:
            self.sender.refuse(fault)
            return None
        self.unclear = self.unclear + 1 if sight is Sight.UNCLEAR else 0
        return sight

    def _is_unmarked(self, message: Message) -> bool:
        """Tell whether counting cannot find a message: it was sent through another channel."""
        return self.books.counts and message.mark in ("", UNREAD)

    def _others(self, message: Message) -> tuple[Credit, ...]:
        return tuple(each.credit for each in self.others if each.lane == message.lane and each.key != message.key)

    async def _settle(self, seen: Seen) -> None:
        async with self.chain.database.write() as connection:
            known = await lookups.as_they_were(connection, [m for m, _ in seen])
            await self._write(connection, [(m, sight) for m, sight in seen if m.key in known])

    async def _write(self, connection: AsyncConnection, seen: Seen) -> None:
        now = self.chain.clock.now()
        lost = [m for m, _ in seen if m.state is State.IN_DOUBT and self._is_unmarked(m)]
        shown = [m for m, sight in seen if sight is Sight.SHOWN]
        later = [self._later(m, sight, now) for m, sight in seen if sight is not Sight.SHOWN and m not in lost]
        await self._credit(connection, shown, now)
        await self._suspend(connection, lost, now)
        await lookups.look_again(connection, later)
        overdue = [m for m, *_ in later if now - _sent(m, now) >= PATIENCE]
        await suspense.open_cases(connection, [case(m, _OVERDUE[m.state], NOT_SHOWN) for m in overdue], now)
        self.settled += len(shown) + len(lost)

    async def _credit(self, connection: AsyncConnection, shown: Sequence[Message], now: datetime) -> None:
        after = State.TEST if self.partnership.mode == "test" else State.CREDITED
        fields = {"settled_at": now, "reason": ""}
        steps = [Step(m, after, "the partner's books show it", fields) for m in shown]
        keys = [m.key for m in shown]
        await ledger.move(connection, steps, self.chain.owner, now)
        await outbox.leave_lanes(connection, keys)
        await suspense.close_cases(connection, "message", keys, now, reasons=[NOT_SHOWN])

    async def _suspend(self, connection: AsyncConnection, lost: Sequence[Message], now: datetime) -> None:
        reason = "sent through another channel, outcome unknown; ask the partner whether the miles were given"
        steps = [Step(m, State.SUSPENDED, reason, {"settled_at": now, "reason": reason}) for m in lost]
        await ledger.move(connection, steps, self.chain.owner, now)
        await suspense.open_cases(connection, [case(m, reason) for m in lost], now)

    def _later(self, message: Message, sight: Sight, now: datetime) -> tuple[Message, int, datetime]:
        """Return how often a message was not shown and when to look again, ever more seldom."""
        absences = message.absences + (sight is Sight.ABSENT)
        age = now - _sent(message, now)
        if message.state is State.ACCEPTED:
            return message, absences, now + min(max(age, FIRST_LOOK), _SELDOM)
        if sight is Sight.UNCLEAR:
            return message, absences, now + min(max(age, _SOON), _LATER)
        return message, absences, now if absences >= ABSENCES else now + self.partnership.doubt_wait


def _sent(message: Message, now: datetime) -> datetime:
    return message.last_sent_at or now
