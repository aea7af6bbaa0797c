"""What deciding awarded stays again would change: a plan that a person confirms by its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from connector.domain.harm import PlanId


class Fate(StrEnum):
    """What becomes of an award."""

    SAME = "same"  # other rules or rates, the same miles
    UNSENT = "unsent"  # nothing was given yet: the message is written anew, or the stay earns for the first time
    CORRECTED = "corrected"  # the channel takes back what is wrong and gives what is right
    SUSPENSE = "suspense"  # the channel cannot: a person agrees on the difference with the partner
    WAITS = "waits"  # the outcome of a message is open; corrected when it is known


@dataclass(frozen=True, slots=True)
class Line:
    """One award, or one stay that was excluded (``before`` 0), as it would be."""

    partner: str
    seat: str
    reservation_id: str
    number: str
    place: str
    departure: date
    before: int
    after: int
    fate: Fate
    fingerprint: str

    @property
    def size(self) -> int:
        """Return by how many miles it would differ."""
        return abs(self.after - self.before)


@dataclass(slots=True)
class Recomputation:
    """The lines of a plan in counts; ``most`` of the biggest differences are kept, memory is bounded.

    ``undecided`` are stays that are on hold or wait for a person under the present rules: they stay as they are.
    """

    most: int = 10
    unchanged: int = 0
    undecided: int = 0
    stays: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))
    up: int = 0
    down: int = 0
    suspended_miles: int = 0
    biggest: list[Line] = field(default_factory=list)
    _id: PlanId = field(default_factory=PlanId)

    def add(self, line: Line) -> None:
        """Take in one line."""
        self._id.add(
            f"{line.partner}/{line.reservation_id}/{line.seat}", line.fingerprint, f"{line.before}:{line.after}"
        )
        self.stays[line.fate] += 1
        self.up += max(0, line.after - line.before)
        self.down += max(0, line.before - line.after)
        self.suspended_miles += line.size if line.fate is Fate.SUSPENSE else 0
        if line.size:
            self.biggest = sorted([*self.biggest, line], key=lambda each: (-each.size, each.number))[: self.most]

    @property
    def plan_id(self) -> str:
        """Return the id by which a person confirms exactly this; empty when there is nothing to confirm."""
        return str(self._id)
