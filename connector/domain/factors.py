"""What the base miles of a rule are multiplied by: for the member's tier, and for the date of departure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import prod

from connector.domain.conditions import Facts
from connector.domain.rules import Rule

#: Stand for the open ends of a multiplier.
EVER_BEFORE, EVER_AFTER = date.min, date.max

_ONCE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Factors:
    """``tier`` is the factor of the tier ``code`` (1 where it has none), ``dated`` the multipliers that hold."""

    code: str | None = None
    tier: Decimal = _ONCE
    dated: tuple[tuple[date, date, Decimal], ...] = ()

    @property
    def product(self) -> Fraction:
        """Return all factors as one."""
        return Fraction(self.tier) * prod(Fraction(factor) for _, _, factor in self.dated)


NO_FACTORS = Factors()


def factors(rule: Rule, facts: Facts) -> Factors:
    """Return what multiplies the base miles that a rule gives for a stay."""
    bonus = dict(rule.tier_bonus).get(facts.tier or "", _ONCE)
    return Factors(facts.tier, bonus, tuple(each for each in rule.multipliers if each[0] <= facts.departure <= each[1]))
