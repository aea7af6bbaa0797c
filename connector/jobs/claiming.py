"""Claiming messages: in one transaction each takes its member's lane, gets its exact bytes and becomes in_flight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.errors import Skippable
from connector.jobs.brakes import Brakes, is_bounded
from connector.jobs.confirming import absences_of
from connector.jobs.contracts import Partnership
from connector.jobs.landing import stored
from connector.jobs.marking import fields_of
from connector.jobs.suspending import ABOVE_CEILING, OUTCOME, UNWRITABLE, suspend
from connector.jobs.withholding import unsilenced
from connector.ports import PartnerRequest
from connector.store import ledger, outbox
from connector.store.ledger import Step

LEASE = timedelta(minutes=5)  # more than twice the deadline of a request (90 s)
_MANY = 1000  # doubts that are left to people at once
Claim = tuple[Message, PartnerRequest]  # the message as it was before it was claimed


@dataclass(slots=True)
class Claims:
    """Claims of one process at one partner; ``left``: a message was left to a person since that was last put back."""

    partnership: Partnership
    owner: str
    brakes: Brakes
    left: bool = False

    async def take(self, connection: AsyncConnection, limit: int, now: datetime) -> list[Claim]:
        """Claim what is due, ``limit`` messages at most; what cannot be sent at all goes to a person on the way."""
        looked_at: list[str] = []
        while due := await self._due(connection, limit, now):
            claimed = await self._claimed(connection, due, now)
            keys = [each.key for each in due]
            if claimed or keys == looked_at:
                return claimed
            looked_at = keys
        return []

    async def leave_doubts(self, connection: AsyncConnection, now: datetime) -> None:
        """Leave the doubts that this channel cannot resolve to a person, before a probe of the circuit is used up."""
        name, account = self.partnership.name, self.partnership.account
        await self._sendable(
            connection, await outbox.due(connection, name, now, _MANY, account=account, exempt=True), now
        )

    async def shadow(self, connection: AsyncConnection, limit: int, now: datetime) -> int:
        """Do everything but the send: the bytes are there to look at. A doubt of a livelier time stays one."""
        name, account = self.partnership.name, self.partnership.account
        since = self.brakes.rehearsed_since
        found = await outbox.due(connection, name, now, limit, account=account, rehearsed_since=since)
        due = [m for m in found if m.state is State.READY]
        written = await self._written(connection, due, now)
        steps = [Step(m, State.SHADOW, "", stored(request)) for m, request in written]
        await ledger.move(connection, steps, self.owner, now)
        return len(due)

    async def _due(self, connection: AsyncConnection, limit: int, now: datetime) -> list[Message]:
        return await outbox.due(
            connection,
            self.partnership.name,
            now,
            limit,
            account=self.partnership.account,
            absences=absences_of(self.partnership),
            exempt=self.brakes.full,
            paused=self.brakes.paused,
            rehearsed_since=self.brakes.rehearsed_since,
        )

    async def _claimed(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Claim]:
        due = await self._sendable(connection, due, now)
        due = await self._within_a_day(connection, due, now)
        due = await unsilenced(connection, due, self.partnership.contract.opt_out, self.owner, now)
        due = await outbox.take_lanes(connection, due, now)
        due = await self.brakes.below_ceiling(connection, due, now)
        written = await self._written(connection, due, now)
        for again in (False, True):
            flights = [self._flight(m, r, now) for m, r in written if (m.last_sent_at is not None) is again]
            await ledger.move(connection, flights, self.owner, now)
        return written

    async def _sendable(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Message]:
        """Leave doubts that this channel cannot resolve to a person."""
        if self.partnership.channel.capabilities.idempotent or self.partnership.looks_up:
            return list(due)
        doubts = [m for m in due if m.state is State.IN_DOUBT]
        why = "sent, outcome unknown; this channel has no key by which it could be sent again"
        told = [(m, f"{why} ({m.reason})" if m.reason else why) for m in doubts]
        await self._suspend(connection, told, OUTCOME, now)
        return [m for m in due if m.state is not State.IN_DOUBT]

    async def _within_a_day(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Message]:
        """Leave credits of more miles than a whole day's to a person: no day would come on which they go."""
        ceiling = self.partnership.daily_ceiling
        beyond = [m for m in due if is_bounded(m) and ceiling is not None and m.miles > ceiling]
        why = f"more than all miles of a day (daily_ceiling {ceiling})"
        await self._suspend(connection, [(m, why) for m in beyond], ABOVE_CEILING, now)
        return [m for m in due if m not in beyond]

    async def _written(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Claim]:
        """Return each message with its bytes: those of the first time, if there was one.

        Where books count, a mark belongs to the user whom the bytes name: what was never sent is written with it.
        """
        known = await outbox.requests_of(connection, [m.key for m in due if m.attempts or m.last_sent_at])
        written: list[Claim] = []
        unwritable: list[tuple[Message, str]] = []
        for message in due:
            try:
                anew = self.partnership.counts and message.last_sent_at is None
                kept = None if anew else known.get(message.key)
                request = kept or self.partnership.channel.compose(message.credit)
            except Skippable as fault:
                unwritable.append((message, str(fault)))
            else:
                written.append((message, request))
        await self._suspend(connection, unwritable, UNWRITABLE, now)
        return written

    async def _suspend(
        self, connection: AsyncConnection, messages: Sequence[tuple[Message, str]], reason: str, now: datetime
    ) -> None:
        await suspend(connection, messages, reason, self.owner, now)
        self.left = self.left or bool(messages)

    def _flight(self, message: Message, request: PartnerRequest, now: datetime) -> Step:
        fields: dict[str, Any] = {
            "attempts": message.attempts + 1,
            "owner": self.owner,
            "lease_until": now + LEASE,
            "last_sent_at": now,
        } | fields_of(self.partnership, message)
        if message.last_sent_at is None:
            fields |= {"first_sent_at": now} | stored(request)
        looked = f", not shown by {message.absences} looks into the books" if message.absences else ""
        return Step(message, State.IN_FLIGHT, f"attempt {message.attempts + 1}{looked}", fields)
