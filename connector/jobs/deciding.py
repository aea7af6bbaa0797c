"""Deciding what stays earn, and writing awards and messages for what they do.

A stay is decided again only when something about it changed or its due time came. Decision, award, claim and message
of a stay are one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import gates, places
from connector.domain.awards import Award, Kind, Message, award_id
from connector.domain.corrections import Correction, last_reversal, unsent_reversal, was_sent
from connector.domain.decision import Decision, Earned, Status
from connector.domain.differences import further
from connector.domain.earners import together
from connector.domain.ledger import State
from connector.domain.stays import Stay
from connector.jobs.adoption import kept_back
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.docket import docket
from connector.jobs.drafts import Drafts
from connector.jobs.judging import Judge
from connector.jobs.keeping import keep
from connector.jobs.newcomers import notice_partners
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.opt_ins import OptIns
from connector.jobs.revising import correction_of
from connector.jobs.second_person import is_withheld
from connector.jobs.settling import Settling
from connector.jobs.tallies import Tally
from connector.jobs.withholding import withhold
from connector.store import decisions, ledger, rulebook
from connector.store.exclusion import DECIDING, alone
from connector.store.ledger import Opening, Step
from connector.store.resolutions import Signature

_CHUNK = 500


async def decide_all(
    chain: Chain,
    partnerships: Sequence[Partnership],
    *,
    unread: Collection[str] = (),
    opt_ins: Mapping[str, OptIns] | None = None,
) -> int:
    """Decide every stay that changed or is due, for every partner; return how many stays were decided.

    ``unread`` names the property tables whose streams were not read to their end, and the ids of single properties of
    which a fact is missing or that no token reads any more: their stays wait. ``opt_ins`` (by partner) take up what
    partners were asked about their members.
    """
    if not partnerships:
        return 0
    await notice_partners(chain, partnerships)
    now, after, decided = chain.safe_now(), "", 0
    names = [each.name for each in partnerships]
    heard = {each.name: (opt_ins or {}).get(each.name) or OptIns() for each in partnerships}
    while True:
        async with chain.database.read() as connection:
            ids = await decisions.to_decide(connection, names, now, after, _CHUNK)
        if not ids:
            return decided
        async with chain.database.write() as connection:
            await alone(connection, DECIDING)
            batch = [each for each in await open_stays(connection, ids) if _is_read(each, unread)]
            for partnership in partnerships:
                await Desk(chain, partnership, connection, now, opt_ins=heard[partnership.name]).settle(batch)
            await decisions.are_decided(connection, [each.stay.reservation.id for each in batch])
        for partnership in partnerships:
            await _hear(chain, partnership, heard[partnership.name], now)
        after, decided = ids[-1], decided + len(batch)


def _is_read(each: OpenStay, unread: Collection[str]) -> bool:
    place = each.stay.property
    return place.table not in unread and place.id not in unread


async def _hear(chain: Chain, partnership: Partnership, opt_ins: OptIns, now: datetime) -> None:
    """Ask the partner what stays wait for that are about to be awarded, and decide these with its answers."""
    while ids := sorted(opt_ins.reservations):
        await opt_ins.ask(partnership)
        async with chain.database.write() as connection:
            await alone(connection, DECIDING)
            waiting = await open_stays(connection, ids)
            await Desk(chain, partnership, connection, now, opt_ins=opt_ins).settle(waiting)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where stays are settled for one partner, inside one transaction; ``claim`` and ``recompute`` sign what a
    person claims or has decided again; ``opt_ins`` is what the partner said of its members, or is to be asked."""

    chain: Chain
    partnership: Partnership
    connection: AsyncConnection
    now: datetime
    claim: Signature | None = None
    tally: Tally = field(default_factory=Tally)
    recompute: Signature | None = None
    opt_ins: OptIns = field(default_factory=OptIns)

    async def settle(self, batch: Sequence[OpenStay]) -> None:
        """Decide the stays, keep the decisions, and bring awards and messages to what they say."""
        claimed = [each.stay.reservation.id for each in batch] if self.claim else []
        known = await docket(self.connection, self.partnership, batch, self.now, claimed)
        await self.tally.read(self.connection, self.partnership, known.stays, known.numbers.awards.values())
        judge = Judge(self.connection, self.partnership, self.now, self.opt_ins)
        settling = Settling(known, judge, self.tally, self._revise, self._opened)
        await settling.settle()
        await self._open(settling.opened)
        said, roots = settling.said, settling.roots
        kept = [
            (one, roots.get(one, one), together([(place.key[1], said[place.key]) for place in places]))
            for one, places in known.places.items()
            if any(place.sitting.award or place.key not in known.before for place in places)
        ]
        await keep(self.connection, self.partnership.name, kept, self.now)

    async def _open(self, opened: Sequence[tuple[Opening, Message]]) -> None:
        if opened:
            await rulebook.keep(self.connection, self.partnership.contract)
            await ledger.open_awards(self.connection, [opening for opening, _ in opened], self.now)
            await self._append([message for _, message in opened])

    def _opened(self, stay: Stay, earned: Earned, reservations: Sequence[str]) -> tuple[Opening, Message]:
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
        return Opening(award, earned.frozen, reservations), self._drafts.routed(
            self._drafts.message(stay, award, earned, Kind.CREDIT)
        )

    async def _revise(self, stay: Stay, award: Award, messages: Sequence[Message], decision: Decision) -> Decision:
        """Make the award's messages say what the stay earns now; return the decision as it is to be kept."""
        if ruling := gates.shared(stay, self.partnership.contract):
            await withhold(self.connection, award, messages, self._signed[0], self.now)
            if was_sent(messages):
                return decision
            said = {"status": ruling.status, "reason": ruling.reason, "text": ruling.text}
            return replace(decision, **said, due=None, award=None)  # type: ignore[arg-type]  # one type for each
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
            new.append(self._drafts.reversal(award, credited, unsent_reversal([*messages, *new])))
        revised = replace(award, miles=correction.miles)
        if earned is not None:
            revised = replace(revised, member_number=earned.member_number, membership_id=earned.membership_id)
        if correction.credit and earned is not None:
            revised = replace(revised, revision=award.revision + 1)
            said = further(earned, correction.keeps) or earned
            credit = self._drafts.message(stay, revised, said, Kind.CREDIT, last_reversal([*messages, *new]))
            if any(is_withheld(each) for each in messages if each.key in correction.supersede):
                credit = replace(credit, state=State.HELD)  # what takes its place waits for a second person, too
            new.append(self._drafts.routed(places.told(credit, messages, self.partnership.contract)))
        self.tally.note(revised, award)
        await ledger.revise_award(self.connection, revised, earned.frozen if earned else None)
        await self._append(new)

    async def _append(self, messages: Sequence[Message]) -> None:
        actor, detail = self._signed
        messages = await kept_back(self.connection, self.partnership, messages, self.now)
        await ledger.append(self.connection, messages, actor, self.now, detail)

    @property
    def _drafts(self) -> Drafts:
        return Drafts(self.chain, self.partnership, self.now)

    @property
    def _signed(self) -> tuple[str, str]:
        """Return who acts, and what the history says of it."""
        for what, signature in (("claim", self.claim), ("recompute", self.recompute)):
            if signature:
                return signature.by, f"{what}: {signature.why}"
        return self.chain.owner, ""
