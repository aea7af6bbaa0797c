"""Member numbers that changed in Mews after the award."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award
from connector.domain.claims import CLAIMED
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Frozen
from connector.domain.renumbering import renumbered
from connector.domain.ruling import Ruling, Status
from connector.store import holdings
from connector.store import loyalty as mirror

Awards = Mapping[tuple[str, str], tuple[Award, Frozen]]


@dataclass(frozen=True, slots=True)
class Present:
    """Awards with the numbers that their memberships have now; ``unclear`` says by award why there is none."""

    awards: Awards
    unclear: dict[str, Ruling] = field(default_factory=dict)

    def judge(self, award: Award, decision: Decision, again: datetime) -> Decision:
        """Return the decision, or that a person must see to the number first."""
        ruling = self.unclear.get(award.id)
        if ruling is None or decision.status is not Status.AWARDED:
            return decision
        return Decision(ruling.status, ruling.reason, ruling.text, again, explanation=decision.explanation)


async def present(connection: AsyncConnection, contract: Contract, awards: Awards, now: datetime) -> Present:
    """Look at the memberships by which stays were awarded; what was claimed has none."""
    ids = {frozen.membership_id or "" for _, frozen in awards.values()} - {CLAIMED, ""}
    held = await holdings.memberships(connection, sorted(ids))
    gone = [each for each in held.values() if each.deleted]
    accounts, programs = sorted({each.account_id for each in gone}), sorted({each.program_id for each in gone})
    living = await mirror.memberships_of(connection, accounts, programs)
    found: dict[tuple[str, str], tuple[Award, Frozen]] = {}
    unclear: dict[str, Ruling] = {}
    for key, (award, frozen) in awards.items():
        own = held.get(frozen.membership_id or "")
        others = [each for each in living.get(own.account_id, []) if each.program_id == own.program_id] if own else []
        number = renumbered(frozen, contract, own, others, now.date()) if own else frozen
        found[key] = (award, frozen if isinstance(number, Ruling) else number)
        if isinstance(number, Ruling):
            unclear[award.id] = number
    return Present(found, unclear)
