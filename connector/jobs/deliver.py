"""The second road's end: say each message to its partner, exactly once where the channel allows it.

The order of things is the guarantee. In one transaction a message takes its member's lane, gets its exact bytes and
becomes in_flight under a lease; then it is sent; then its outcome is written. A crash in between leaves in_flight,
which becomes in_doubt when the lease ends, never ready: a doubt is resolved by the same bytes again where the channel
knows them by their key, and by a person where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.errors import Skippable
from connector.http.breaker import Breaker
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.landing import landed, stored
from connector.jobs.sending import Sender
from connector.ports import PartnerRequest, Receipt
from connector.store import ledger, outbox, suspense
from connector.store.ledger import Step
from connector.store.suspense import Case

LEASE = timedelta(minutes=5)  # more than twice the deadline of a request (90 s)
_GROUP = 64  # messages claimed and settled in one transaction each
CEILING, OUTCOME = "daily_ceiling", "outcome"
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Delivered:
    """What a pass settled; ``paused`` says why a partner was left alone."""

    settled: int = 0
    unauthorized: bool = False
    paused: dict[str, str] = field(default_factory=dict)


async def deliver(chain: Chain, partnership: Partnership, breaker: Breaker) -> Delivered:
    """Send everything that is due at one partner."""
    sender = Sender(chain.clock, partnership, breaker)
    delivery = _Delivery(chain, partnership, sender)
    await delivery.find_abandoned()
    while await delivery.group():
        pass
    return delivery.done


@dataclass(slots=True)
class _Delivery:
    chain: Chain
    partnership: Partnership
    sender: Sender
    done: Delivered = field(default_factory=Delivered)
    full: bool = False  # the day's miles are given: only reversals and doubts are sent

    @property
    def _name(self) -> str:
        return self.partnership.name

    async def find_abandoned(self) -> None:
        """Turn messages whose sender died into doubts, and let go of what waited for a reversal."""
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            left = [m for m in await outbox.abandoned(connection, now) if m.partner == self._name]
            steps = [Step(m, State.IN_DOUBT, "its sender ended", {"due_at": now, "owner": None}) for m in left]
            await ledger.move(connection, steps, self.chain.owner, now)
            # before the circuit is asked: a case for a person must not use up a probe
            await self._sendable(connection, await outbox.due(connection, self._name, now, _GROUP, exempt=True), now)
            await self._release(connection, now)

    async def _release(self, connection: AsyncConnection, now: datetime) -> None:
        lost = False
        for message, before in await outbox.waiting(connection, self._name):
            if before in {State.CREDITED, State.ACCEPTED, State.SHADOW, State.TEST}:
                await ledger.move(
                    connection, [Step(message, State.READY, "the reversal is done")], self.chain.owner, now
                )
            elif before in {State.REFUSED, State.SUSPENDED, State.VOID}:
                await self._suspend(connection, [(message, "the reversal that it waits for was not done")], now)
                lost = True
        if lost:
            await self._release(connection, now)  # a credit may wait for a reversal that waited

    async def group(self) -> bool:
        """Claim, send and settle one group; tell whether there may be more."""
        if self.partnership.mode == "shadow":
            return await self._shadow()
        if not await self._is_anything_due():
            return False  # and no probe is used up
        was_full, claimed = self.full, 0
        if await self.sender.may_send():
            claimed = await self._claim_and_send(1 if self.sender.probe else _GROUP)
        if self.sender.stopped:
            self.done.paused[self._name] = self.sender.stopped
            self.done.unauthorized = self.sender.unauthorized
            return False
        return claimed > 0 or self.full is not was_full

    async def _claim_and_send(self, limit: int) -> int:
        until = self.chain.clock.now() + LEASE / 2
        claimed = await self._claim(limit)
        await self._settle(await self.sender.send_all(claimed, until))
        return len(claimed)

    async def _is_anything_due(self) -> bool:
        async with self.chain.database.read() as connection:
            return bool(await outbox.due(connection, self._name, self.chain.clock.now(), 1))

    async def _shadow(self) -> bool:
        """Do everything but the send: the bytes are there to look at. A doubt of a livelier time stays one."""
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            found = await outbox.due(connection, self._name, now, _GROUP)
            due = [m for m in found if m.state is State.READY]
            written = await self._written(connection, due, now)
            steps = [Step(m, State.SHADOW, "", stored(request)) for m, request in written]
            await ledger.move(connection, steps, self.chain.owner, now)
            await self._release(connection, now)
        self.done.settled += len(due)
        return bool(due)

    async def _claim(self, limit: int) -> list[tuple[Message, PartnerRequest]]:
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            due = await outbox.due(connection, self._name, now, limit, exempt=self.full)
            due = await self._sendable(connection, due, now)
            due = await outbox.take_lanes(connection, due, now)
            due = await self._below_ceiling(connection, due, now)
            written = await self._written(connection, due, now)
            fresh = [self._flight(m, r, now) for m, r in written if m.last_sent_at is None]
            again = [self._flight(m, r, now) for m, r in written if m.last_sent_at is not None]
            await ledger.move(connection, fresh, self.chain.owner, now)
            await ledger.move(connection, again, self.chain.owner, now)
        return written

    async def _sendable(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Message]:
        """Leave doubts that this channel cannot resolve to a person."""
        if self.partnership.channel.capabilities.idempotent:
            return list(due)
        doubts = [m for m in due if m.state is State.IN_DOUBT]
        reason = "sent, outcome unknown; this channel has no key by which it could be sent again"
        told = [(m, f"{reason} ({m.reason})" if m.reason else reason) for m in doubts]
        await self._suspend(connection, told, now)
        return [m for m in due if m.state is not State.IN_DOUBT]

    async def _below_ceiling(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Message]:
        """Keep the day's miles below the ceiling; a reversal or a doubt never waits for it."""
        ceiling = self.partnership.daily_ceiling
        if ceiling is None:
            return list(due)
        today = datetime.combine(now.date(), time(), now.tzinfo)
        sent = await outbox.sent_since(connection, self._name, today)
        allowed: list[Message] = []
        for message in due:
            counts = message.kind is Kind.CREDIT and message.last_sent_at is None
            if counts and sent + message.miles > ceiling:
                self.full = True
                self.done.paused[self._name] = f"{self._name}: the daily ceiling of {ceiling} miles is reached"
                continue
            sent += message.miles if counts else 0
            allowed.append(message)
        await outbox.leave_lanes(connection, [m.key for m in due if m not in allowed])
        await self._report_ceiling(connection, now)
        return allowed

    async def _report_ceiling(self, connection: AsyncConnection, now: datetime) -> None:
        if self.full:
            reason = self.done.paused[self._name]
            _log.error("a partner is paused", partner=self._name, reason=reason)
            text = f"partner {reason}; it goes on tomorrow, or raise daily_ceiling"
            await suspense.open_cases(connection, [Case("partner", self._name, CEILING, text, self._name)], now)
        else:
            await suspense.close_cases(connection, "partner", [self._name], now, reasons=[CEILING])

    async def _written(
        self, connection: AsyncConnection, due: Sequence[Message], now: datetime
    ) -> list[tuple[Message, PartnerRequest]]:
        """Return each message with its bytes: those of the first time, if there was one."""
        stored = await outbox.requests_of(connection, [m.key for m in due])
        written: list[tuple[Message, PartnerRequest]] = []
        unwritable: list[tuple[Message, str]] = []
        for message in due:
            try:
                request = stored.get(message.key) or self.partnership.channel.compose(message.credit)
            except Skippable as fault:
                unwritable.append((message, str(fault)))
            else:
                written.append((message, request))
        await outbox.leave_lanes(connection, [m.key for m, _ in unwritable])
        await self._suspend(connection, unwritable, now)
        return written

    def _flight(self, message: Message, request: PartnerRequest, now: datetime) -> Step:
        fields: dict[str, Any] = {
            "attempts": message.attempts + 1,
            "owner": self.chain.owner,
            "lease_until": now + LEASE,
            "last_sent_at": now,
        }
        if message.last_sent_at is None:
            fields |= {"first_sent_at": now} | stored(request)
        return Step(message, State.IN_FLIGHT, f"attempt {message.attempts + 1}", fields)

    async def _settle(self, outcomes: Sequence[tuple[Message, Receipt]]) -> None:
        now = self.chain.clock.now()
        steps = [landed(message, receipt, self.partnership.mode, now) for message, receipt in outcomes]
        free = [s.message.key for s in steps if s.after is not State.IN_DOUBT]
        lost = [(s, s.detail) for s in steps if s.after in {State.SUSPENDED, State.REFUSED}]
        async with self.chain.database.write() as connection:
            await ledger.move(connection, steps, self.chain.owner, now)
            await outbox.leave_lanes(connection, free)
            cases = [self._case(step.message, f"{step.after}: {detail}") for step, detail in lost]
            await suspense.open_cases(connection, cases, now)
            await self._release(connection, now)
        self.done.settled += sum(step.after is not State.READY and step.after is not State.IN_DOUBT for step in steps)

    async def _suspend(
        self, connection: AsyncConnection, messages: Sequence[tuple[Message, str]], now: datetime
    ) -> None:
        fields = {"settled_at": now}
        steps = [Step(m, State.SUSPENDED, reason, fields) for m, reason in messages]
        await ledger.move(connection, steps, self.chain.owner, now)
        await outbox.leave_lanes(connection, [m.key for m, _ in messages])
        await suspense.open_cases(connection, [self._case(m, reason) for m, reason in messages], now)

    def _case(self, message: Message, text: str) -> Case:
        what = "grant" if message.credit.grant else "stay"
        words = f"{message.kind} of {message.miles} for {what} {message.credit.reservation_number}: {text}"
        return Case("message", message.key, OUTCOME, words, self._name)
