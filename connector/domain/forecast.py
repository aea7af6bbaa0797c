"""What the stays of a period come to at one partner: totals by property, and how two contracts differ."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.domain.decision import Decision
from connector.domain.ruling import Status


@dataclass(slots=True)
class Totals:
    """Stays by status, the miles of those that are awarded, and the reasons of the others."""

    stays: Counter[str] = field(default_factory=Counter)
    miles: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, decision: Decision) -> None:
        """Take in what one stay comes to."""
        self.stays[decision.status] += 1
        if decision.award is not None:
            self.miles += decision.award.miles
        else:
            self.reasons[decision.reason] += 1

    def as_json(self, price: Decimal | None) -> dict[str, object]:
        """Return the totals with what the miles cost at a price (None: not told)."""
        return {
            "stays": {"seen": self.stays.total()} | {str(each): self.stays[each] for each in reversed(Status)},
            "miles": self.miles,
            "cost": None if price is None else str(self.miles * price),
            "reasons": dict(self.reasons.most_common()),
        }


@dataclass(slots=True)
class Forecast:
    """What one contract gives, over all and by property; ``price`` is what a mile costs (None: not told)."""

    price: Decimal | None = None
    total: Totals = field(default_factory=Totals)
    properties: dict[str, Totals] = field(default_factory=dict)

    def add(self, place: str, decision: Decision) -> None:
        """Take in one stay at a property."""
        self.total.add(decision)
        self.properties.setdefault(place, Totals()).add(decision)

    def as_json(self) -> dict[str, object]:
        """Return the forecast, properties in the order of their names."""
        below: Mapping[str, Totals] = dict(sorted(self.properties.items()))
        return self.total.as_json(self.price) | {
            "properties": {name: totals.as_json(self.price) for name, totals in below.items()}
        }


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One stay to which two contracts give different miles; greater is a bigger difference."""

    size: int
    number: str
    reservation_id: str
    place: str
    departure: date
    miles: int
    other_miles: int
    text: str
    other_text: str


@dataclass(slots=True)
class Differences:
    """How many stays differ between two contracts, and the ``most`` that differ most: memory is bounded."""

    most: int
    count: int = 0
    _heap: list[Difference] = field(default_factory=list)

    def add(self, found: Difference) -> None:
        """Take in one stay; where both give the same there is nothing to tell."""
        if not found.size:
            return
        self.count += 1
        heapq.heappush(self._heap, found)
        if len(self._heap) > self.most:
            heapq.heappop(self._heap)

    def biggest(self) -> list[Difference]:
        """Return the biggest differences, the greatest first."""
        return sorted(self._heap, key=lambda each: (-each.size, each.number))
