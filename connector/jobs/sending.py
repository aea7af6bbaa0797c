"""Sending a group of claimed messages to one partner, and when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.awards import Message
from connector.errors import NotSent, Unauthorized
from connector.http.breaker import Breaker, CircuitOpen
from connector.jobs.contracts import Partnership
from connector.ports import Clock, Outcome, PartnerRequest, Receipt

TRIPPED = 5  # failures in a row after which the rest of a pass is not sent


@dataclass(slots=True)
class Sender:
    """One pass of sending. ``stopped`` says why nothing more is sent; ``probe`` names the circuit's probe."""

    clock: Clock
    partnership: Partnership
    breaker: Breaker
    stopped: str = ""
    unauthorized: bool = False
    probe: str | None = None
    _failures: int = 0

    async def may_send(self) -> bool:
        """Ask the circuit; when it is a probe, one message only is to be sent."""
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

    async def _send(self, message: Message, request: PartnerRequest, until: datetime) -> Receipt:
        if self.stopped:
            return Receipt(Outcome.RETRY, "not sent: the partner is paused")
        if self.clock.now() > until:
            return Receipt(Outcome.RETRY, "not sent: its turn came too late")
        try:
            receipt = await self.partnership.channel.deliver(request, again=message.last_sent_at is not None)
        except NotSent as fault:
            await self._failed()
            return Receipt(Outcome.RETRY, str(fault), after=fault.after)
        except Unauthorized as fault:
            await self._worked()  # it answers, if not to us
            name, self.unauthorized = self.partnership.name, True
            self.stopped = str(fault) if name in str(fault) else f"{name}: {fault}"
            return Receipt(Outcome.RETRY, str(fault))
        if receipt.rest is not None:
            await self._rests(receipt.rest)
            return receipt
        await (self._failed() if receipt.outcome in (Outcome.DOUBT, Outcome.RETRY) else self._worked())
        return receipt

    async def _failed(self) -> None:
        self._failures += 1
        await self.breaker.failure(self.probe)
        if self.probe or self._failures >= TRIPPED:
            self.stopped = f"partner {self.partnership.name} does not answer; its circuit is open"

    async def _rests(self, seconds: float) -> None:
        """Leave the partner alone, with everything that is still due."""
        await self.breaker.rest(timedelta(seconds=seconds))
        self.stopped = f"partner {self.partnership.name} asks for a pause of {seconds:.0f} s"

    async def _worked(self) -> None:
        self._failures = 0
        await self.breaker.success()
