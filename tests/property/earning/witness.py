"""Who knows what each stay should come to: terms, rate and number as they were when it was first awarded."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tests.property.earning.hotel import Hotel
from tests.reference.earning import Term

Rates = dict[tuple[str, str], Decimal]


@dataclass(slots=True)
class Fixed:
    """What the first award of a stay fixed; ``number`` is the one that its membership has now.

    Without one, because the membership ended or vanished, the miles stay where they are. ``unclear``: two memberships
    took the place of the one that earned.
    """

    terms: tuple[Term, ...]
    rates: Rates
    number: str | None = None
    unclear: bool = False


@dataclass(slots=True)
class Witness:
    """What the stays of a hotel should come to at one partner."""

    hotel: Hotel
    terms: tuple[Term, ...]
    fixed: dict[str, Fixed] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)  # the most that a stay was ever worth

    def look(self, awarded: dict[str, str]) -> None:
        """Notice new awards (stay → membership), and what became of the memberships of the old ones."""
        for stay, membership in awarded.items():
            known = self.fixed.setdefault(stay, Fixed(self.terms, self.hotel.rates()))
            numbers = self._numbers(membership)
            known.number, known.unclear = (numbers[0] if len(numbers) == 1 else None), len(numbers) > 1
            self.most[stay] = max(self.most.get(stay, 0), self.miles(stay))

    def fix_anew(self) -> None:
        """Everything was decided again by the present terms; what would be given to an unclear number was not."""
        for stay, known in self.fixed.items():
            rates = self.hotel.rates()
            if not known.unclear or not self.hotel.miles(stay, self.terms, rates):
                known.terms, known.rates = self.terms, rates

    def miles(self, stay: str) -> int:
        """Return what the stay should come to as it is now; nothing before it is awarded."""
        known = self.fixed.get(stay)
        return self.hotel.miles(stay, known.terms, known.rates) if known else 0

    def _numbers(self, membership: str) -> list[str]:
        """Return the number of a membership; of those that took its place where it was deleted."""
        held, every = self.hotel.memberships[membership], self.hotel.memberships.values()
        others = [each for each in every if each.account_id == held.account_id and not each.deleted]
        living = others if held.deleted else [held]
        return [(each.number or "").replace(" ", "") for each in living if each.state == "Enrolled"]
