"""What one award comes to: the wholes that it leads, and what follows for each reservation of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.awards import Award
from connector.domain.decision import Decision
from connector.domain.ruling import Status, Suspense
from connector.domain.standing import Standing
from connector.domain.stitching import together
from connector.jobs.judging import LOOK_AGAIN
from connector.jobs.parties import Key
from connector.jobs.wholes import Whole

_OPEN = (Status.SUSPENDED, Status.WAITING)
JOINED = Decision(Status.EXCLUDED, "joined", "its reservations are part of a stay that another award gives miles for")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The wholes of one award, or one that has none yet, each with what was decided about it."""

    award: Award | None
    wholes: Sequence[tuple[Whole, Decision]]

    @property
    def root(self) -> str:
        """The reservation under which they count."""
        return self.award.root_id if self.award else self.wholes[0][0].stay.reservation.id

    @property
    def reservations(self) -> list[str]:
        """The reservations that they are made of."""
        return [place.key[0] for whole, _ in self.wholes for place in whole.places]

    @property
    def fresh(self) -> list[str]:
        """The reservations that count for an award now and are tied to none yet."""
        return [each for whole, decision in self.wholes if decision.award for each in whole.fresh]

    @property
    def total(self) -> Decision:
        """What the award is to say: nothing as long as one of its wholes is open."""
        decisions = [decision for _, decision in self.wholes]
        if len(decisions) == 1:
            return decisions[0]
        first = min(decisions, key=lambda each: _order(each.status))
        earned = [each.award for each in decisions if each.award]
        if first.status in _OPEN or not earned:
            return first
        try:
            award = together(earned)
        except Suspense as suspense:
            return Decision(Status.SUSPENDED, suspense.reason, str(suspense))
        due = min((each.due for each in decisions if each.due), default=None)
        return Decision(Status.AWARDED, "awarded", f"{award.miles} miles", due, award, first.explanation)

    @property
    def change(self) -> int:
        """By how many miles the award rises; what is not known yet comes before all that falls."""
        if self.total.status in _OPEN:
            return -(10**9)
        return (self.total.award.miles if self.total.award else 0) - (self.award.miles if self.award else 0)

    def is_open(self, standing: Standing | None) -> bool:
        """Tell whether the partner has miles of the award that others may be given only when they are back."""
        return standing is not None and (standing.returning or (standing.paid and self.change < 0))

    def said(self, after: Decision) -> Iterator[tuple[Key, Decision]]:
        """Yield what each reservation counts as, ``after`` being what came of the award."""
        for whole, decision in self.wholes:
            own = len(self.wholes) > 1 and (after.status not in _OPEN or decision.status is Status.EXCLUDED)
            for place in whole.places:
                yield place.key, decision if own else after


def reckonings(decided: Sequence[tuple[Whole, Decision]]) -> list[Reckoning]:
    """Return the wholes by their awards; each without one stands for itself."""
    found: dict[object, Reckoning] = {}
    for number, (whole, decision) in enumerate(decided):
        name: object = whole.award.id if whole.award else number
        before = found[name].wholes if name in found else ()
        found[name] = Reckoning(whole.award, [*before, (whole, decision)])
    return list(found.values())


def _order(status: Status) -> int:
    return [*_OPEN, Status.AWARDED, Status.EXCLUDED].index(status)


def held_back(by: Decision, now: datetime) -> Decision:
    """Return why an award may not rise: another one, of which ``by`` came, has miles of the same reservations."""
    if by.status is Status.SUSPENDED:
        text = "another award still has miles of these reservations; agree on the difference with the partner"
        return Decision(Status.SUSPENDED, "awarded_apart", text, now + LOOK_AGAIN)
    return Decision(Status.WAITING, "returning", "miles of these reservations are being taken back", now)
