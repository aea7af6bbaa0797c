"""What people do to messages by hand: shown first where it is more than one, and signed in the awards' history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Kind, Message, message_key
from connector.domain.ledger import State
from connector.domain.operating import BY_PARTNERS_WORD, Situation
from connector.errors import Conflict, Refused, Skippable
from connector.jobs.choosing import Operation, Order, Selection
from connector.jobs.contracts import partner_called
from connector.jobs.landing import stored
from connector.jobs.properties import recall_chain
from connector.jobs.runner import Runner
from connector.ports import PartnerRequest
from connector.store import adoption, backup, ledger, outbox, resolutions, standing
from connector.store.ledger import Step


async def operate(runner: Runner, order: Order) -> Operation:
    """Show what an order would do, or do it if it is confirmed or names a single message.

    Raises Refused for a message that the deed does not fit and for a plan that is another by now, Misconfigured when
    nothing is meant.
    """
    async with runner.chain.database.read() as connection:
        await backup.refuse_marked(connection)
        found = await Selection(connection, order).found()
    if not order.confirm and not (order.choice.words and len(found.cases) == 1):
        return found.told(order.deed, done=False)
    # a new revision is made in the turn of those who make revisions
    anew = any(case.message.state is State.REFUSED for case, _ in found.cases)
    await recall_chain(runner.chain)
    try:
        async with runner.turn("stays") if anew else nullcontext(), runner.chain.database.write() as connection:
            found = await Selection(connection, order).found()
            if order.confirm and found.plan_id != order.confirm:
                now = f"it is {found.plan_id} now" if found.plan_id else "nothing fits now"
                raise Refused(f"{order.command}: the plan is not {order.confirm}; {now}, look at it again")
            await _Hand(runner, connection, order).do(found.cases)
    except Conflict:
        raise Refused(f"{order.command}: a message was moved meanwhile; nothing is done, look at it again") from None
    return found.told(order.deed, done=True)


@dataclass(frozen=True, slots=True)
class _Hand:
    """Where one order is carried out, in one transaction."""

    runner: Runner
    connection: AsyncConnection
    order: Order

    @property
    def detail(self) -> str:
        """What the history says of it."""
        by_word = ", by the partner's word" if self.order.deed in BY_PARTNERS_WORD else ""
        what = f"{self.order.command} as {self.order.deed}{by_word}" if by_word else self.order.command
        why = self.order.signature.why
        return f"{what}: {why}" if why else what

    async def do(self, cases: Sequence[tuple[Situation, State]]) -> None:
        refused = [case.message for case, _ in cases if case.message.state is State.REFUSED]
        moved = [(case.message, after) for case, after in cases if case.message.state is not State.REFUSED]
        await self._move(moved)
        await self._write_anew(refused)
        # whoever says what becomes of a message has found out what the partner has of its award
        await adoption.doubt(self.connection, {case.message.award_id for case, _ in cases}, None)
        for message in (*refused, *(message for message, _ in moved)):
            subject = ("message", message.key)
            await resolutions.settle(self.connection, subject, None, self.detail, self.order.signature)

    async def _move(self, moved: Sequence[tuple[Message, State]]) -> None:
        now = self.order.signature.at
        written = await outbox.requests_of(self.connection, [message.key for message, _ in moved])
        for message, after in moved:
            fields = dict(self._fields(message, after, now))
            if after is State.READY and message.last_sent_at is not None and message.key not in written:
                fields |= stored(self._composed(message))
            step = Step(message, after, self.detail, fields)
            await ledger.move(self.connection, [step], self.order.signature.by, now)

    def _fields(self, message: Message, after: State, now: datetime) -> Mapping[str, object]:
        if after is State.READY:
            return {"due_at": now, "settled_at": None, "absences": 0}
        fields = {"settled_at": now, "reason": self.order.signature.why or message.reason}
        return fields | {"reference": self.order.reference} if after is State.CREDITED else fields

    def _composed(self, message: Message) -> PartnerRequest:
        """Write what may have been sent by a database that is lost; its bytes are stored before they are sent again."""
        partner = partner_called(message.partner, self.runner.partnerships)
        channels = {each.account: each.channel for each in partner.by_account()}
        if message.account not in channels:
            wanted = f"[partners.{partner.name}.accounts.{message.account}]"
            raise Refused(f"{self.order.command}: it was said by an account of its own; expected {wanted} back")
        try:
            return channels[message.account].compose(message.credit)
        except Skippable as fault:
            raise Refused(f"{self.order.command}: {fault}") from None

    async def _write_anew(self, refused: Sequence[Message]) -> None:
        """Say refused credits again, each as the next revision of its award: the partner has answered the old key."""
        signature = self.order.signature
        awards = await standing.awards(self.connection, [message.award_id for message in refused])
        for message in refused:
            revised = replace(awards[message.award_id], revision=awards[message.award_id].revision + 1)
            anew = self._next(message, revised)
            await ledger.revise_award(self.connection, revised, None)
            await ledger.append(self.connection, [anew], signature.by, signature.at, self.detail)

    def _next(self, message: Message, award: Award) -> Message:
        now, partner = self.order.signature.at, partner_called(award.partner, self.runner.partnerships)
        identity = (self.runner.chain.chain_id, award.root_id, award.partner, award.seat)
        key = message_key(*identity, Kind.CREDIT, award.revision)
        return Message(
            key=str(key),
            award_id=award.id,
            partner=award.partner,
            kind=Kind.CREDIT,
            revision=award.revision,
            miles=message.miles,
            state=State.READY,
            due_at=now,
            lane=message.lane,
            credit=replace(message.credit, key=key, composed_at=now),
            account=partner.account_of(message.credit.property_keys),
        )
