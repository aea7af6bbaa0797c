"""What a whole earns by itself: the domain's decision by the terms that hold for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.contract import Contract
from connector.domain.decision import Decision, Frozen, Status, decide
from connector.domain.ruling import Ruling
from connector.jobs.contracts import Partnership
from connector.jobs.parties import Parties
from connector.jobs.wholes import Whole
from connector.store import rulebook

LOOK_AGAIN = timedelta(days=1)  # a suspended stay may be well again: staff corrected a number, a rate came back


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides for one partner, at one moment."""

    connection: AsyncConnection
    partnership: Partnership
    now: datetime

    async def decide(self, whole: Whole, parties: Parties) -> Decision:
        """Decide about a whole among those that lie beside it."""
        frozen, place = whole.frozen, whole.places[0]
        if whole.unreadable:
            return Decision(Status.SUSPENDED, "unreadable", whole.unreadable, self.now + LOOK_AGAIN)
        contract = await self._contract(frozen) if frozen else self.partnership.contract
        decision = outranked(decide(whole.stay, contract, self.now, frozen), parties.crowded.get(place.key))
        if decision.status is Status.SUSPENDED and decision.due is None:
            return replace(decision, due=self.now + LOOK_AGAIN)
        due = min((moment for moment in (decision.due, parties.again(place)) if moment), default=None)
        return replace(decision, due=due)

    async def _contract(self, frozen: Frozen) -> Contract:
        """Return the contract with the rules of the first decision, whatever the settings say by now."""
        present = self.partnership.contract
        if frozen.fingerprint == present.fingerprint():
            return present
        rules = await rulebook.rules(self.connection, self.partnership.name, frozen.fingerprint)
        return replace(present, rules=rules)


def outranked(decision: Decision, crowded: Ruling | None) -> Decision:
    """Return the decision, or why others earn instead; what is not over or earns nothing anyway stays that."""
    if crowded is None or decision.status is Status.EXCLUDED or decision.reason == "not_processed":
        return decision
    return Decision(crowded.status, crowded.reason, crowded.text, crowded.due, explanation=decision.explanation)
