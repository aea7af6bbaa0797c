"""What a partner was paid in advance, as far as we can count it: what was bought, less what was given since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Prepaid:
    """``credits`` were there when the day ``since`` began (the chain's time zone); a mile costs ``per_mile`` of them.

    Few are left below ``low_water``.
    """

    credits: int
    since: date
    low_water: int
    per_mile: Decimal = Decimal(1)

    def left(self, miles: int) -> Decimal:
        """Return the credits that are left when so many miles were given; less than none where the count is wrong."""
        return self.credits - miles * self.per_mile

    def is_low(self, miles: int) -> bool:
        """Tell whether few credits are left when so many miles were given."""
        return self.left(miles) < self.low_water
