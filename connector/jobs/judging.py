"""What a whole earns by itself: the domain's decision by the terms that hold for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status, decide
from connector.domain.ruling import Ruling
from connector.jobs.contracts import Partnership
from connector.jobs.docket import Docket
from connector.jobs.opt_ins import OptIns
from connector.jobs.tallies import Tally
from connector.jobs.wholes import Whole
from connector.store import rulebook

LOOK_AGAIN = timedelta(days=1)  # a suspended stay may be well again: staff corrected a number, a rate came back


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides for one partner, at one moment; ``opt_ins`` is what the partner said of its members."""

    connection: AsyncConnection
    partnership: Partnership
    now: datetime
    opt_ins: OptIns = field(default_factory=OptIns)

    async def decide(self, whole: Whole, known: Docket, tally: Tally) -> Decision:
        """Decide about a whole among those that lie beside it; ``tally`` is what its member is given by others."""
        decision = await self._decide(whole, known, tally)
        if whole.award:
            decision = known.numbers.judge(whole.award, decision, self.now + LOOK_AGAIN)
        tally.expect(whole.award, whole.stay.reservation.id, decision)
        self.opt_ins.note(decision, whole.stay, [place.key[0] for place in whole.places], self.partnership)
        if decision.status is Status.SUSPENDED and decision.due is None:
            return replace(decision, due=self.now + LOOK_AGAIN)
        due = min((moment for moment in (decision.due, known.parties.again(whole.places[0])) if moment), default=None)
        return replace(decision, due=due)

    async def _decide(self, whole: Whole, known: Docket, tally: Tally) -> Decision:
        frozen, place = whole.frozen, whole.places[0]
        if whole.unreadable:
            return Decision(Status.SUSPENDED, "unreadable", whole.unreadable)
        contract = self.partnership.contract
        if frozen:
            contract = await rulebook.as_decided(self.connection, contract, frozen.fingerprint)
        stay = replace(whole.stay, opt_ins=self.opt_ins.known) if self.opt_ins.known else whole.stay
        decision = decide(stay, contract, self.now, frozen, tally.beside(whole.award))
        return outranked(decision, known.parties.crowded.get(place.key))


def outranked(decision: Decision, crowded: Ruling | None) -> Decision:
    """Return the decision, or why others earn instead; what is not over or earns nothing anyway stays that."""
    if crowded is None or decision.status is Status.EXCLUDED or decision.reason == "not_processed":
        return decision
    return Decision(crowded.status, crowded.reason, crowded.text, crowded.due, explanation=decision.explanation)
