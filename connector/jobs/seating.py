"""Who earns by a stay: one sitting for each person, with the award that the person has for it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.domain.awards import Award
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Frozen
from connector.domain.earners import displaced, entitled
from connector.domain.ruling import Status
from connector.domain.stays import Stay
from connector.jobs.open_stays import OpenStay

Awards = Mapping[str, tuple[Award, Frozen]]  # by seat


@dataclass(frozen=True, slots=True)
class Sitting:
    """A stay as one person earns by it; one who is ``displaced`` has an award and is no longer entitled to it."""

    stay: Stay
    award: Award | None = None
    frozen: Frozen | None = None
    displaced: bool = False


def by_reservation(
    awards: Mapping[tuple[str, str], tuple[Award, Frozen]],
) -> dict[str, dict[str, tuple[Award, Frozen]]]:
    """Return awards known by (reservation, seat) by the reservation first."""
    found: dict[str, dict[str, tuple[Award, Frozen]]] = {}
    for (reservation, seat), award in awards.items():
        found.setdefault(reservation, {})[seat] = award
    return found


def sittings(each: OpenStay, contract: Contract, awards: Awards) -> list[Sitting]:
    """Return who earns by the stay; first those who have an award and are no longer entitled to it."""
    present = entitled(each.stay, contract, each.others, awards)
    lost = displaced(each.stay, awards, present)
    return [_sitting(stay, awards, True) for stay in lost] + [_sitting(stay, awards, False) for stay in present]


def _sitting(stay: Stay, awards: Awards, is_displaced: bool) -> Sitting:
    award, frozen = awards.get(stay.seat, (None, None))
    return Sitting(stay, award, frozen, is_displaced)


def settled(sitting: Sitting, others: Iterable[tuple[Sitting, Decision]], decision: Decision) -> Decision:
    """Return the decision on a sitting: nobody is newly awarded a stay that somebody displaced still has."""
    kept = any(
        each.displaced
        and (known.status is not Status.EXCLUDED or known.due is not None)  # due: its credit is under way
        for each, known in others
    )
    if sitting.award is not None or decision.award is None or not kept:
        return decision
    text = "somebody else was awarded this stay and still has it; agree on it with the partner"
    return Decision(Status.SUSPENDED, "awarded_to_other", text, explanation=decision.explanation)
