"""The second road's end: say each message to its partner, exactly once where the channel allows it.

The order of things is the guarantee. In one transaction a message takes its member's lane, gets its exact bytes and
becomes in_flight under a lease; then it is sent; then its outcome is written. A crash in between leaves in_flight,
which becomes in_doubt when the lease ends, never ready unless it provably was not sent (``marking``): a doubt is
resolved by the same bytes again where the channel knows them by their key, by the partner's books where they can be
read (``confirming``), and by a person elsewhere.
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
from connector.jobs import prepayment
from connector.jobs.chain import Chain
from connector.jobs.confirming import absences_of, confirm
from connector.jobs.contracts import Partnership
from connector.jobs.landing import case_of, landed, stored
from connector.jobs.marking import fields_of, left_behind, marked
from connector.jobs.sending import Sender
from connector.ports import PartnerRequest, Receipt
from connector.store import ledger, lookups, outbox, suspense
from connector.store.ledger import Step
from connector.store.suspense import Case

LEASE = timedelta(minutes=5)  # more than twice the deadline of a request (90 s)
_GROUP = 64  # messages claimed and settled in one transaction each
CEILING = "daily_ceiling"
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
    delivery.done.settled += await confirm(chain, partnership, sender)
    while not sender.stopped and await delivery.group():
        pass
    if sender.stopped:
        delivery.done.paused[partnership.label] = sender.stopped
        delivery.done.unauthorized = sender.unauthorized
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

    @property
    def _account(self) -> str:
        return self.partnership.account

    async def find_abandoned(self) -> None:
        """Turn messages whose sender died into doubts unless they were not sent, and let go of what waits for them."""
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            left = [m for m in await outbox.abandoned(connection, now) if m.partner == self._name]
            for steps in left_behind(left, now):
                await ledger.move(connection, steps, self.chain.owner, now)
            await lookups.leave_settled_lanes(connection, self._name)
            # before the circuit is asked: a case for a person must not use up a probe
            doubts = await outbox.due(connection, self._name, now, _GROUP, account=self._account, exempt=True)
            await self._sendable(connection, doubts, now)
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
        return claimed > 0 or self.full is not was_full

    async def _claim_and_send(self, limit: int) -> int:
        until = self.chain.clock.now() + LEASE / 2
        claimed = await self._claim(limit)
        ready, unmarked = await marked(self.chain, self.sender, claimed, until)
        await self._settle([*unmarked, *await self.sender.send_all(ready, until)])
        return len(claimed)

    async def _is_anything_due(self) -> bool:
        now, absences = self.chain.clock.now(), absences_of(self.partnership)
        async with self.chain.database.read() as connection:
            due = await outbox.due(connection, self._name, now, 1, account=self._account, absences=absences)
            return bool(due)

    async def _shadow(self) -> bool:
        """Do everything but the send: the bytes are there to look at. A doubt of a livelier time stays one."""
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            found = await outbox.due(connection, self._name, now, _GROUP, account=self._account)
            due = [m for m in found if m.state is State.READY]
            written = await self._written(connection, due, now)
            steps = [Step(m, State.SHADOW, "", stored(request)) for m, request in written]
            await ledger.move(connection, steps, self.chain.owner, now)
            await self._release(connection, now)
        self.done.settled += len(due)
        return bool(due)

    async def _claim(self, limit: int) -> list[tuple[Message, PartnerRequest]]:
        now, absences = self.chain.clock.now(), absences_of(self.partnership)
        async with self.chain.database.write() as connection:
            due = await outbox.due(
                connection, self._name, now, limit, account=self._account, exempt=self.full, absences=absences
            )
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
        if self.partnership.channel.capabilities.idempotent or self.partnership.looks_up:
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
        sent = await outbox.sent_since(connection, self._name, today, account=self._account)
        allowed: list[Message] = []
        for message in due:
            counts = message.kind is Kind.CREDIT and message.last_sent_at is None
            if counts and sent + message.miles > ceiling:
                self.full = True
                reached = f"{self.partnership.label}: the daily ceiling of {ceiling} miles is reached"
                self.done.paused[self.partnership.label] = reached
                continue
            sent += message.miles if counts else 0
            allowed.append(message)
        await outbox.leave_lanes(connection, [m.key for m in due if m not in allowed])
        await self._report_ceiling(connection, now)
        return allowed

    async def _report_ceiling(self, connection: AsyncConnection, now: datetime) -> None:
        label = self.partnership.label
        if self.full:
            reason = self.done.paused[label]
            _log.error("a partner is paused", partner=label, reason=reason)
            text = f"partner {reason}; it goes on tomorrow, or raise daily_ceiling"
            await suspense.open_cases(connection, [Case("partner", label, CEILING, text, self._name)], now)
        else:
            await suspense.close_cases(connection, "partner", [label], now, reasons=[CEILING])

    async def _written(
        self, connection: AsyncConnection, due: Sequence[Message], now: datetime
    ) -> list[tuple[Message, PartnerRequest]]:
        """Return each message with its bytes: those of the first time, if there was one.

        Where books count, a mark belongs to the user whom the bytes name: what was never sent is written with it.
        """
        stored = await outbox.requests_of(connection, [m.key for m in due])
        written: list[tuple[Message, PartnerRequest]] = []
        unwritable: list[tuple[Message, str]] = []
        for message in due:
            try:
                anew = self.partnership.counts and message.last_sent_at is None
                kept = None if anew else stored.get(message.key)
                request = kept or self.partnership.channel.compose(message.credit)
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
        } | fields_of(self.partnership, message)
        if message.last_sent_at is None:
            fields |= {"first_sent_at": now} | stored(request)
        looked = f", not shown by {message.absences} looks into the books" if message.absences else ""
        return Step(message, State.IN_FLIGHT, f"attempt {message.attempts + 1}{looked}", fields)

    async def _settle(self, outcomes: Sequence[tuple[Message, Receipt]]) -> None:
        now = self.chain.clock.now()
        steps = [landed(message, receipt, self.partnership.mode, now) for message, receipt in outcomes]
        kept = {State.IN_DOUBT} | ({State.ACCEPTED, State.SUSPENDED} if self.partnership.counts else set())
        free = [s.message.key for s in steps if s.after not in kept]
        lost = [(s, s.detail) for s in steps if s.after in {State.SUSPENDED, State.REFUSED}]
        async with self.chain.database.write() as connection:
            await ledger.move(connection, steps, self.chain.owner, now)
            await outbox.leave_lanes(connection, free)
            cases = [case_of(step.message, f"{step.after}: {detail}") for step, detail in lost]
            await suspense.open_cases(connection, cases, now)
            await prepayment.tell(connection, self.sender, outcomes, now)
            await self._release(connection, now)
        self.done.settled += sum(step.after is not State.READY and step.after is not State.IN_DOUBT for step in steps)

    async def _suspend(
        self, connection: AsyncConnection, messages: Sequence[tuple[Message, str]], now: datetime
    ) -> None:
        fields = {"settled_at": now}
        steps = [Step(m, State.SUSPENDED, reason, fields) for m, reason in messages]
        await ledger.move(connection, steps, self.chain.owner, now)
        await outbox.leave_lanes(connection, [m.key for m, _ in messages])
        await suspense.open_cases(connection, [case_of(m, reason) for m, reason in messages], now)
