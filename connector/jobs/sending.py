"""Sending a group of claimed messages to one partner, and when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.awards import Message
from connector.errors import Exhausted, NotSent, Unauthorized
from connector.http.breaker import Breaker, CircuitOpen
from connector.jobs.contracts import Partnership
from connector.ports import Books, Clock, Outcome, PartnerRequest, Receipt

TRIPPED = 5  # failures in a row after which the rest of a pass is not sent


@dataclass(slots=True)
class Sender:
    """One pass of sending. ``stopped`` says why nothing more is sent; ``probe`` names the circuit's probe.

    ``exhausted``: it stopped because what was paid to the partner in advance is used up.
    """

    clock: Clock
    partnership: Partnership
    breaker: Breaker
    stopped: str = ""
    unauthorized: bool = False
    exhausted: bool = False
    probe: str | None = None
    _failures: int = 0

    async def may_send(self) -> bool:
        """Ask the circuit; when it is a probe, one message only is to be sent."""
        if not self.stopped:
            try:
                self.probe = await self.breaker.before()
            except CircuitOpen as waiting:
                self.stopped = str(waiting)
        return not self.stopped

    async def send_all(
        self, claimed: Sequence[tuple[Message, PartnerRequest]], until: datetime
    ) -> list[tuple[Message, Receipt]]:
        """Send messages side by side; one whose turn comes after ``until`` is not sent, its lease would end first."""
        slots = asyncio.Semaphore(self.partnership.concurrency)

        async def one(message: Message, request: PartnerRequest) -> tuple[Message, Receipt]:
            async with slots:
                return message, await self._send(message, request, until)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(message, request)) for message, request in claimed]
        return [task.result() for task in tasks]

    async def mark(self, books: Books, message: Message, until: datetime) -> str | Receipt:
        """Return what the partner's books are before a message's first send; a Receipt when it is not to be sent now.

        A mark that is read says nothing about the circuit: the partner may show its books and take no message.
        """
        if late := self._not_now(until):
            return late
        try:
            return await books.mark(message.credit)
        except NotSent as fault:
            return await self._not_sent(fault)
        except Unauthorized as fault:
            return await self._unwelcome(fault)

    async def _send(self, message: Message, request: PartnerRequest, until: datetime) -> Receipt:
        if late := self._not_now(until):
            return late
        try:
            receipt = await self.partnership.channel.deliver(request, again=message.last_sent_at is not None)
        except NotSent as fault:
            return await self._not_sent(fault)
        except Unauthorized as fault:
            return await self._unwelcome(fault)
        except Exhausted as fault:
            await self.breaker.trip(self.probe)
            self.exhausted, self.stopped = True, str(fault)
            return Receipt(Outcome.RETRY, str(fault))
        await (self._failed() if receipt.outcome in (Outcome.DOUBT, Outcome.RETRY) else self._worked())
        return receipt

    def _not_now(self, until: datetime) -> Receipt | None:
        if self.stopped:
            return Receipt(Outcome.RETRY, "not sent: the partner is paused")
        if self.clock.now() > until:
            return Receipt(Outcome.RETRY, "not sent: its turn came too late")
        return None

    async def _not_sent(self, fault: NotSent) -> Receipt:
        await self._failed()
        return Receipt(Outcome.RETRY, str(fault), after=fault.after)

    async def _unwelcome(self, fault: Unauthorized) -> Receipt:
        await self._worked()  # it answers, if not to us
        self.refuse(fault)
        return Receipt(Outcome.RETRY, str(fault))

    def refuse(self, fault: Unauthorized) -> None:
        """Send nothing more in this pass: the partner does not accept our credentials."""
        name, self.unauthorized = self.partnership.name, True
        self.stopped = str(fault) if name in str(fault) else f"{name}: {fault}"

    async def _failed(self) -> None:
        self._failures += 1
        await self.breaker.failure(self.probe)
        if self.probe or self._failures >= TRIPPED:
            self.stopped = f"partner {self.partnership.name} does not answer; its circuit is open"

    async def _worked(self) -> None:
        self._failures = 0
        if not self.exhausted:  # what was under way beside it does not mean that more can be paid for
            await self.breaker.success()
