"""Money in steps: the first part of a spend earns at one price a unit, the next at another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

#: Stands for the end of a step that has none.
ENDLESS = Decimal(0)

Tiers = tuple[tuple[Decimal, Decimal], ...]  # (up to, per) of money, ascending


@dataclass(frozen=True, slots=True)
class Step:
    """The part of a spend that one step takes: ``amount`` > 0 of money, of which every ``per`` is a unit."""

    amount: Decimal
    per: Decimal

    @property
    def units(self) -> Fraction:
        """Return what the part counts for."""
        return Fraction(self.amount) / Fraction(self.per)


def stepped(base: Decimal, tiers: Sequence[tuple[Decimal, Decimal]]) -> tuple[Step, ...]:
    """Return the steps that a spend reaches; what lies beyond the end of the last one is in none."""
    found: list[Step] = []
    below = Decimal(0)
    for up_to, per in tiers:
        upper = base if up_to == ENDLESS else min(base, up_to)
        if upper > below:
            found.append(Step(upper - below, per))
            below = upper
    return tuple(found)
