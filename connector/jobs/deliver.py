"""The second road's end: say each message to its partner, exactly once where the channel allows it.

The order of things is the guarantee. In one transaction a message takes its member's lane, gets its exact bytes and
becomes in_flight under a lease; then it is sent; then its outcome is written. A crash in between leaves in_flight,
which becomes in_doubt when the lease ends, never ready unless it provably was not sent (``marking``): a doubt is
resolved by the same bytes again where the channel knows them by their key, by the partner's books where they can be
read (``confirming``), and by a person elsewhere.

While one group is sent, the outcome of the group before is written and the next group claimed, in one transaction.
A process that stood still until another one took its turn claims nothing more. What it sent meanwhile is written if
the message still is its own: the other one may have sent it again since, and only that one knows what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind
from connector.domain.ledger import State
from connector.errors import Conflict, Superseded
from connector.http.breaker import Breaker
from connector.jobs import prepayment
from connector.jobs.brakes import Brakes
from connector.jobs.chain import Chain
from connector.jobs.claiming import LEASE, Claim, Claims
from connector.jobs.confirming import absences_of, confirm
from connector.jobs.contracts import Partnership
from connector.jobs.following import release
from connector.jobs.landing import landed
from connector.jobs.marking import left_behind, marked
from connector.jobs.poison import isolated
from connector.jobs.sending import Sender, Sent
from connector.jobs.suspending import OUTCOME, REFUSED, case
from connector.store import ledger, lookups, outbox, retired, suspense, waiting
from connector.store.ledger import Step
from connector.store.suspense import Case

_MOST, _LEAST = 128, 32  # messages of a group at most, and of the first one
_UNLIKELY = LEASE * 10  # so far ahead only a clock that was wrong ends a lease
_BRISK = LEASE / 15  # a group that takes longer is followed by a smaller one


@dataclass(slots=True)
class Delivered:
    """What a pass settled; ``paused`` says why a partner was left alone."""

    settled: int = 0
    unauthorized: bool = False
    paused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Group:
    """Messages claimed together; none of them is sent after ``until``, its lease would end before its request."""

    claims: Sequence[Claim] = ()
    until: datetime | None = None


async def deliver(chain: Chain, partnership: Partnership, breaker: Breaker) -> Delivered:
    """Send everything that is due at one partner."""
    brakes = Brakes(partnership)
    claims, sender = Claims(partnership, chain.owner, brakes), Sender(chain.clock, partnership, breaker)
    delivery = _Delivery(chain, partnership, claims, sender)
    await delivery.prepare()
    if not brakes.unclear:  # a test system's books do not show what was sent live
        delivery.done.settled += await confirm(chain, partnership, sender)
    await delivery.follow()
    if partnership.mode == "shadow":
        await delivery.shadow()
    else:
        await delivery.run()
    if reasons := [each for each in (sender.stopped, brakes.said) if each]:
        delivery.done.paused[partnership.label] = "; ".join(reasons)
    delivery.done.unauthorized = sender.unauthorized
    await prepayment.watch(chain, partnership, settled=delivery.done.settled > 0)
    return delivery.done


@dataclass(slots=True)
class _Delivery:
    chain: Chain
    partnership: Partnership
    claims: Claims
    sender: Sender
    done: Delivered = field(default_factory=Delivered)
    _size: int = _LEAST
    _ended: Superseded | Conflict | None = None  # why this pass is not ours any more

    @property
    def _name(self) -> str:
        return self.partnership.name

    async def prepare(self) -> None:
        """Turn messages whose sender died into doubts unless they were not sent; then look at the brakes."""
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            left = [m for m in await outbox.abandoned(connection, now, now + _UNLIKELY) if m.partner == self._name]
            for steps in left_behind(left, now):
                await ledger.move(connection, steps, self.chain.owner, now)
            await lookups.leave_settled_lanes(connection, self._name)
            if self.partnership.mode != "live":
                await self.claims.brakes.spare(connection)
            if self.partnership.mode != "shadow":
                await self.claims.leave_doubts(connection, now)
                await self.claims.brakes.check(connection, now)

    async def follow(self) -> None:
        """Let go of what waits for others, once the partner's books were looked into."""
        async with self.chain.database.read() as connection:
            if not await waiting.is_any(connection, self._name):
                return
        async with self.chain.database.write() as connection:
            await self._release(connection, self.chain.clock.now())

    async def shadow(self) -> None:
        """Do everything but the send."""
        more = True
        while more:
            now = self.chain.clock.now()
            async with self.chain.database.write() as connection:
                written = await self.claims.shadow(connection, _MOST, now)
                await self._release(connection, now)
            self.done.settled += written
            more = written > 0

    async def run(self) -> None:
        """Send until nothing is due or the sender stops. A pass with nothing due uses up no probe."""
        more = True
        while more and await self._is_anything_due() and await self.sender.may_send():
            more = await self._stream()
            if self._ended:
                raise self._ended

    async def _stream(self) -> bool:
        """Send group after group; tell whether there was one. A probe is one message, and nothing follows it."""
        alone = self.sender.probe is not None
        group, sent = await self._turn([], 1 if alone else self._wanted()), list[Sent]()
        came = bool(group.claims)
        while group.claims or sent:
            # what no key protects is claimed only when it can be sent at once: a crash leaves it to a person
            ahead = self.partnership.channel.capabilities.idempotent or not group.claims
            wanted = self._wanted() if ahead and not alone and not self.sender.stopped else 0
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send(group))
                turning = both.create_task(self._turn(sent, wanted))
            sent, group = sending.result(), turning.result()
        return came

    def _wanted(self) -> int:
        """Return how many messages to claim: what a crash leaves of them costs nothing, a while, or a person's time."""
        if self.partnership.channel.capabilities.idempotent:
            return self._size
        few = 2 * self.partnership.concurrency
        return max(few, min(self._size, _LEAST)) if self.partnership.looks_up else few

    async def _send(self, group: _Group) -> list[Sent]:
        if group.until is None:
            return []
        began = self.chain.clock.now()
        ready, unmarked = await marked(self.chain, self.sender, group.claims, group.until)
        sent = [*unmarked, *await self.sender.send_all(ready, group.until)]
        brisk = self.chain.clock.now() - began < _BRISK
        self._size = min(self._size * 2, _MOST) if brisk else max(self._size // 2, self.partnership.concurrency)
        return sent

    async def _turn(self, sent: Sequence[Sent], wanted: int) -> _Group:
        """Settle what was sent and claim up to ``wanted`` messages, in one transaction."""
        if not sent and not wanted:
            return _Group()
        now = self.chain.clock.now()
        try:
            async with self.chain.database.write() as connection:
                if sent:
                    await self._settle(connection, sent, now)
                claimed = await self._claimed(connection, wanted, now) if wanted and not self._ended else []
                if self.claims.left:  # what waits for it must hear of that
                    self.claims.left = False
                    await self._release(connection, now)
        except (Superseded, Conflict) as fault:
            self._ended = fault
            await self._settle_ours(sent, now)
            return _Group()
        return _Group(claimed, now + LEASE / 2)

    async def _claimed(self, connection: AsyncConnection, wanted: int, now: datetime) -> list[Claim]:
        """Claim messages, unless the database moved since this pass began: a process may have slept past its lease."""
        if await retired.may_claim(connection):
            return await self.claims.take(connection, wanted, now)
        self.sender.stopped = "the database moved meanwhile"
        return []

    async def _is_anything_due(self) -> bool:
        async with self.chain.database.read() as connection:
            return await outbox.is_due(
                connection,
                self._name,
                self.chain.clock.now(),
                account=self.partnership.account,
                absences=absences_of(self.partnership),
                rehearsed_since=self.claims.brakes.rehearsed_since,
            )

    async def _settle_ours(self, sent: Sequence[Sent], now: datetime) -> None:
        """Write what came of messages that nobody else took over meanwhile."""
        async with self.chain.database.write(fenced=False) as connection:
            ours = await outbox.flights_of(connection, [each.message.key for each in sent], self.chain.owner)
            await self._settle(connection, [each for each in sent if each.message.key in ours], now)

    async def _settle(self, connection: AsyncConnection, sent: Sequence[Sent], now: datetime) -> None:
        outcomes = await isolated(connection, self.partnership, sent, now)
        steps = [landed(each, self.partnership, now) for each in outcomes]
        await ledger.move(connection, steps, self.chain.owner, now)
        kept = {State.IN_DOUBT} | ({State.ACCEPTED, State.SUSPENDED} if self.partnership.counts else set())
        await outbox.leave_lanes(connection, [s.message.key for s in steps if s.after not in kept])
        lost = [step for step in steps if step.after in {State.SUSPENDED, State.REFUSED}]
        await suspense.open_cases(connection, [_case(step) for step in lost], now)
        await prepayment.tell(connection, self.sender, sent, now)
        if any(step.message.kind is Kind.REVERSAL for step in steps):  # nothing waits for a credit
            await self._release(connection, now)
        self.done.settled += sum(step.after is not State.READY and step.after is not State.IN_DOUBT for step in steps)

    async def _release(self, connection: AsyncConnection, now: datetime) -> None:
        await release(connection, self.partnership, self.chain.owner, now)


def _case(step: Step) -> Case:
    text = f"{step.after}: {step.detail}"
    return case(step.message, text, REFUSED if step.after is State.REFUSED else OUTCOME)
