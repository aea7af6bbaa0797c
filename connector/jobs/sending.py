"""Sending a group of claimed messages to one partner, and when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.awards import Message
from connector.errors import Exhausted, NotSent, Unauthorized
from connector.http.breaker import Breaker, CircuitOpen
from connector.jobs.contracts import Partnership
from connector.ports import Books, Clock, Outcome, PartnerRequest, Receipt

TRIPPED = 5  # failures in a row after which the rest of a pass is not sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a message, which is as it was before it was claimed; ``tried``: the channel was asked to send it."""

    message: Message
    receipt: Receipt
    tried: bool = True


@dataclass(slots=True)
class Sender:
    """One pass of sending. ``stopped`` says why nothing more is sent; ``probe`` names the circuit's probe.

    ``exhausted``: it stopped because what was paid to the partner in advance is used up; ``paid``: miles were given,
    and the case of that is closed.
    """

    clock: Clock
    partnership: Partnership
    breaker: Breaker
    stopped: str = ""
    unauthorized: bool = False
    exhausted: bool = False
    paid: bool = False
    probe: str | None = None
    _resting: bool = False
    _failures: int = 0
    _known: int = 0  # of them those of messages that had failed before

    async def may_send(self) -> bool:
        """Ask the circuit; when it is a probe, one message only is to be sent."""
        if not self.stopped:
            try:
                self.probe = await self.breaker.before()
            except CircuitOpen as waiting:
                self.stopped = str(waiting)
        return not self.stopped

    async def send_all(self, claimed: Sequence[tuple[Message, PartnerRequest]], until: datetime) -> list[Sent]:
        """Send messages side by side; one whose turn comes after ``until`` is not sent, its lease would end first."""
        slots = asyncio.Semaphore(self.partnership.concurrency)

        async def one(message: Message, request: PartnerRequest) -> Sent:
            async with slots:
                return await self._in_turn(message, request, until)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(message, request)) for message, request in claimed]
        return [task.result() for task in tasks]

    async def mark(self, books: Books, message: Message, until: datetime) -> str | Sent:
        """Return what the partner's books are before a message's first send; what came of it when it is not sent now.

        A mark that is read says nothing about the circuit: the partner may show its books and take no message.
        """
        if obstacle := self._obstacle(until):
            return obstacle_of(message, obstacle)
        try:
            return await books.mark(message.credit)
        except NotSent as fault:
            return Sent(message, await self._not_sent(message, fault))
        except Unauthorized as fault:
            return Sent(message, await self._unwelcome(fault))

    async def _in_turn(self, message: Message, request: PartnerRequest, until: datetime) -> Sent:
        if obstacle := self._obstacle(until):
            return obstacle_of(message, obstacle)
        async with self.partnership.pacing.limiter.slot():
            if obstacle := self._obstacle(until):
                return obstacle_of(message, obstacle)
            return Sent(message, await self._send(message, request))

    def _obstacle(self, until: datetime) -> str:
        if self.stopped:
            return "not sent: the partner is paused"
        return "not sent: its turn came too late" if self.clock.now() > until else ""

    async def _send(self, message: Message, request: PartnerRequest) -> Receipt:
        try:
            receipt = await self.partnership.channel.deliver(request, again=message.last_sent_at is not None)
        except NotSent as fault:
            return await self._not_sent(message, fault)
        except Unauthorized as fault:
            return await self._unwelcome(fault)
        except Exhausted as fault:
            self.exhausted, self.stopped = True, str(fault)  # first: what is credited meanwhile closes no circuit
            await self.breaker.trip(self.probe)
            return Receipt(Outcome.RETRY, str(fault))
        if receipt.rest is not None:
            await self._rests(receipt.rest)
            return receipt
        await (self._failed(message) if receipt.outcome in (Outcome.DOUBT, Outcome.RETRY) else self._worked())
        return receipt

    async def _not_sent(self, message: Message, fault: NotSent) -> Receipt:
        await (self._rests(fault.after) if fault.after else self._failed(message))
        return Receipt(Outcome.RETRY, str(fault), after=fault.after)

    async def _unwelcome(self, fault: Unauthorized) -> Receipt:
        await self._worked()  # it answers, if not to us
        self.refuse(fault)
        return Receipt(Outcome.RETRY, str(fault))

    def refuse(self, fault: Unauthorized) -> None:
        """Send nothing more in this pass: the partner does not accept our credentials."""
        name, self.unauthorized = self.partnership.label, True
        self.stopped = str(fault) if name in str(fault) else f"{name}: {fault}"

    async def _failed(self, message: Message) -> None:
        """Count a failure; one of a message that failed before counts when others fail with it, or as a probe."""
        self._failures += 1
        if message.attempts and self.probe is None:
            self._known += 1
        else:
            await self.breaker.failure(self.probe)
        if self.probe or self._failures >= TRIPPED:
            self.stopped = f"partner {self.partnership.label} does not answer; its circuit is open"
            await self._tell_all()

    async def _tell_all(self) -> None:
        while self._known:
            self._known -= 1
            await self.breaker.failure(self.probe)

    async def _rests(self, seconds: float) -> None:
        """Leave the partner alone, with everything that is still due."""
        self._resting = True
        await self.breaker.rest(timedelta(seconds=seconds))
        self.stopped = f"partner {self.partnership.label} asks for a pause of {seconds:.0f} s"

    async def _worked(self) -> None:
        self._failures = self._known = 0
        # what was under way beside it does not mean that more can be paid for, or that the pause is over
        if not self.exhausted and not self._resting:
            await self.breaker.success()


def obstacle_of(message: Message, words: str) -> Sent:
    """Return that a message was not tried."""
    return Sent(message, Receipt(Outcome.RETRY, words), tried=False)
