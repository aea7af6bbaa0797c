"""Deciding what stays earn, and writing awards and messages for what they do.

A stay is decided again only when something about it changed or its due time came. Decision, award, claim and message
of a stay are one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import places
from connector.domain.awards import Award, Credit, Kind, Message, award_id, message_key
from connector.domain.corrections import Correction, last_reversal, unsent_reversal
from connector.domain.decision import Decision, Earned, Status, decide
from connector.domain.differences import further
from connector.domain.earners import together
from connector.domain.ledger import State
from connector.domain.seat import MEMBERSHIP_REASONS
from connector.domain.stays import Stay
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.newcomers import notice_partners
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.renumbering import present
from connector.jobs.revising import correction_of
from connector.jobs.seating import Sitting, by_reservation, settled, sittings
from connector.jobs.tallies import Tally
from connector.store import decisions, ledger, rulebook, suspense
from connector.store.ledger import Opening, Step
from connector.store.resolutions import Signature
from connector.store.suspense import Case

LOOK_AGAIN = timedelta(days=1)  # a suspended stay may be well again: staff corrected a number, a rate came back
_CHUNK = 500


async def decide_all(chain: Chain, partnerships: Sequence[Partnership], *, unread: Collection[str] = ()) -> int:
    """Decide every stay that changed or is due, for every partner; return how many stays were decided.

    ``unread`` names the property tables whose streams were not read to their end: their stays wait.
    """
    if not partnerships:
        return 0
    await notice_partners(chain, partnerships)
    now, after, decided = chain.clock.now(), "", 0
    names = [each.name for each in partnerships]
    while True:
        async with chain.database.read() as connection:
            ids = await decisions.to_decide(connection, names, now, after, _CHUNK)
            batch = [each for each in await open_stays(connection, ids) if each.stay.property.table not in unread]
        if not ids:
            return decided
        async with chain.database.write() as connection:
            for partnership in partnerships:
                await Desk(chain, partnership, connection, now).settle(batch)
            await decisions.are_decided(connection, [each.stay.reservation.id for each in batch])
        after, decided = ids[-1], decided + len(batch)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where stays are settled for one partner, inside one transaction; ``claim`` and ``recompute`` sign what a
    person claims or has decided again."""

    chain: Chain
    partnership: Partnership
    connection: AsyncConnection
    now: datetime
    claim: Signature | None = None
    tally: Tally = field(default_factory=Tally)
    recompute: Signature | None = None

    async def settle(self, batch: Sequence[OpenStay]) -> None:
        """Decide the stays, keep the decisions, and bring awards and messages to what they say."""
        ids = [each.stay.reservation.id for each in batch]
        name = self.partnership.name
        known = await ledger.awards_of(self.connection, name, ids)
        numbers = await present(self.connection, self.partnership.contract, known, self.now)
        awards = numbers.awards
        passed = [] if self.claim else ids  # a membership that appears later earns by a claim only
        before = await decisions.passed_over(self.connection, name, passed, MEMBERSHIP_REASONS)
        messages = await ledger.messages_of(self.connection, [award.id for award, _ in awards.values()])
        await self.tally.read(self.connection, self.partnership, batch, awards.values())
        seats = by_reservation(awards)
        kept: list[tuple[str, str, Decision]] = []
        opened: list[tuple[Opening, Message]] = []
        for each in batch:
            root = each.stay.reservation.id
            decided: list[tuple[Sitting, Decision]] = []
            for sitting in sittings(each, self.partnership.contract, seats.get(root, {})):
                decision = before.get((root, sitting.stay.seat)) or await self._decide(each, sitting)
                if sitting.award is not None:
                    sent = messages.get(sitting.award.id, [])
                    decision = numbers.judge(sitting.award, decision, self.now + LOOK_AGAIN)
                    decision = await self._revise(sitting.stay, sitting.award, sent, decision)
                decision = settled(sitting, decided, decision)
                if sitting.award is None and decision.award is not None:
                    opened.append(self._opened(sitting.stay, decision.award))
                    self.tally.note(opened[-1][0].award)
                decided.append((sitting, decision))
            if any((root, sitting.stay.seat) not in before for sitting, _ in decided):
                kept.append((root, root, together([(sitting.stay.seat, known) for sitting, known in decided])))
        await self._open(opened)
        await decisions.save(self.connection, name, kept, self.now)
        await self._suspend(kept)

    async def _decide(self, each: OpenStay, sitting: Sitting) -> Decision:
        frozen = sitting.frozen
        if sitting.displaced:
            return Decision(Status.EXCLUDED, "other_earner", "others earn by this stay by now")
        if each.unreadable:
            return Decision(Status.SUSPENDED, "unreadable", each.unreadable, self.now + LOOK_AGAIN)
        contract = self.partnership.contract
        if frozen:
            contract = await rulebook.as_decided(self.connection, contract, frozen.fingerprint)
        decision = decide(sitting.stay, contract, self.now, frozen, self.tally.beside(sitting.award))
        if decision.status is Status.SUSPENDED and decision.due is None:
            return replace(decision, due=self.now + LOOK_AGAIN)
        return decision

    async def _open(self, opened: Sequence[tuple[Opening, Message]]) -> None:
        if opened:
            await rulebook.keep(self.connection, self.partnership.contract)
            await ledger.open_awards(self.connection, [opening for opening, _ in opened], self.now)
            await self._append([message for _, message in opened])

    def _opened(self, stay: Stay, earned: Earned) -> tuple[Opening, Message]:
        name, root = self.partnership.name, stay.reservation.id
        award = Award(
            id=award_id(self.chain.chain_id, root, name, stay.seat),
            partner=name,
            root_id=root,
            seat=stay.seat,
            program_code=earned.program_code,
            membership_id=earned.membership_id,
            member_number=earned.member_number,
            property_id=stay.property.id,
            departure=earned.departure,
            unit=self.partnership.unit,
            miles=earned.miles,
            revision=1,
        )
        return Opening(award, earned.frozen, [root]), self._message(stay, award, earned, Kind.CREDIT)

    async def _revise(self, stay: Stay, award: Award, messages: Sequence[Message], decision: Decision) -> Decision:
        """Make the award's messages say what the stay earns now; return the decision as it is to be kept."""
        correction = correction_of(self.partnership, award, messages, decision)
        if correction is None:
            return decision
        if correction.wait:
            return replace(decision, due=self.now)
        superseded = [m for m in messages if m.key in correction.supersede]
        steps = [Step(each, State.SUPERSEDED, "the stay earns something else") for each in superseded]
        await ledger.move(self.connection, steps, self._signed[0], self.now)
        if correction.suspend:
            return replace(decision, status=Status.SUSPENDED, reason="not_correctable", text=correction.suspend)
        if not correction.is_nothing:
            await self._correct(stay, award, messages, decision.award, correction)
        return decision

    async def _correct(
        self,
        stay: Stay,
        award: Award,
        messages: Sequence[Message],
        earned: Earned | None,
        correction: Correction,
    ) -> None:
        new: list[Message] = []
        for credited in correction.reverse:
            new.append(self._reversal(award, credited, unsent_reversal([*messages, *new])))
        revised = replace(award, miles=correction.miles)
        if earned is not None:
            revised = replace(revised, member_number=earned.member_number, membership_id=earned.membership_id)
        if correction.credit and earned is not None:
            revised = replace(revised, revision=award.revision + 1)
            said = further(earned, correction.keeps) or earned
            credit = self._message(stay, revised, said, Kind.CREDIT, last_reversal([*messages, *new]))
            new.append(places.told(credit, messages, self.partnership.contract))
        self.tally.note(revised, award)
        await ledger.revise_award(self.connection, revised, earned.frozen if earned else None)
        await self._append(new)

    def _message(self, stay: Stay, award: Award, earned: Earned, kind: Kind, waits_for: str | None = None) -> Message:
        key = message_key(self.chain.chain_id, award.root_id, award.partner, award.seat, kind, award.revision)
        credit = Credit(
            key=key,
            kind=kind,
            member_number=earned.member_number,
            miles=earned.miles,
            reservation_id=stay.reservation.id,
            reservation_number=stay.reservation.number,
            property_id=stay.property.id,
            property_keys=stay.property.keys,
            departed_at=earned.departed_at,
            departure=earned.departure,
            currency=earned.currency,
            value_net=earned.value_net,
            value_gross=earned.value_gross,
            composed_at=self.now,
            taxes=earned.taxes,
            description=earned.description or self.partnership.description,
        )
        return self._queued(credit, award.id, award.revision, waits_for)

    def _reversal(self, award: Award, credited: Message, waits_for: str | None) -> Message:
        identity = (self.chain.chain_id, award.root_id, award.partner, award.seat)
        key = message_key(*identity, Kind.REVERSAL, credited.revision)
        credit = replace(credited.credit, key=key, kind=Kind.REVERSAL, composed_at=self.now)
        return self._queued(credit, credited.award_id, credited.revision, waits_for)

    def _queued(self, credit: Credit, award: str, revision: int, waits_for: str | None) -> Message:
        return Message(
            key=str(credit.key),
            award_id=award,
            partner=self.partnership.name,
            kind=credit.kind,
            revision=revision,
            miles=credit.miles,
            state=State.HELD if waits_for else State.READY,
            due_at=self.now,
            lane=self.chain.hasher.lane(self.partnership.name, credit.member_number),
            credit=credit,
            waits_for=waits_for,
        )

    async def _append(self, messages: Sequence[Message]) -> None:
        actor, detail = self._signed
        await ledger.append(self.connection, messages, actor, self.now, detail)

    @property
    def _signed(self) -> tuple[str, str]:
        """Return who acts, and what the history says of it."""
        for what, signature in (("claim", self.claim), ("recompute", self.recompute)):
            if signature:
                return signature.by, f"{what}: {signature.why}"
        return self.chain.owner, ""

    async def _suspend(self, kept: Sequence[tuple[str, str, Decision]]) -> None:
        """Open a case for each suspended stay, close those of the others."""
        name, ids = self.partnership.name, [each for each, _, _ in kept]
        waiting = [(each, d) for each, _, d in kept if d.status is Status.SUSPENDED]
        cases = [Case("reservation", each, d.reason, f"reservation {each}: {d.text}", name) for each, d in waiting]
        await suspense.replace_cases(self.connection, "reservation", ids, cases, self.now, name)
