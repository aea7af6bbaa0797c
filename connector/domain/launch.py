"""Going live: what is due at a partner that was rehearsed with until now, for a person to confirm exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Launch:
    """What a first live delivery sends: stays (grants among them) and miles.

    ``cost`` is in the money that the partner bills in, None where no price is known. ``rehearsed`` are stays that were
    only rehearsed: they are not paid. ``plan_id`` names exactly this; empty when nothing is due.
    """

    partner: str
    stays: int
    miles: int
    cost: Decimal | None
    rehearsed: int
    plan_id: str

    @property
    def sentence(self) -> str:
        """Say what is due, and what is not."""
        cost = f"a cost of {self.cost:,.2f}" if self.cost is not None else "a cost that is not known (price_per_mile)"
        return (
            f"due at {self.partner}: {_stays(self.stays)} with {self.miles:,} miles, at {cost}; what was only "
            f"rehearsed ({_stays(self.rehearsed)}) is not paid"
        )


def _stays(count: int) -> str:
    return f"{count:,} stay{'' if count == 1 else 's'}"
