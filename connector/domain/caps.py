"""The most miles: of a stay, and of all stays of a member that depart on one day or in one year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connector.domain.rules import Rule

Span = Literal["stay", "day", "year"]


@dataclass(frozen=True, slots=True)
class Others:
    """What other stays of the member give: those that depart on the same ``day``, and in the same ``year``."""

    day: int = 0
    year: int = 0

    def at_least(self, other: Others) -> Others:
        """Return of both the greater miles."""
        return Others(max(self.day, other.day), max(self.year, other.year))


NO_OTHERS = Others()


@dataclass(frozen=True, slots=True)
class Given:
    """What members are given at a partner now: departure and miles, by member number and award.

    ``own`` is the award that is decided, which does not count against itself.
    """

    awards: Mapping[str, Mapping[str, tuple[date, int]]] = field(default_factory=dict)
    own: str = ""

    def beside(self, number: str, departure: date) -> Others:
        """Return what the member's other stays give."""
        others = [known for award, known in self.awards.get(number, {}).items() if award != self.own]
        return Others(
            day=sum(miles for day, miles in others if day == departure),
            year=sum(miles for day, miles in others if day.year == departure.year),
        )


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap of a rule: ``most`` miles in its span, ``given`` of which go to other stays."""

    rule: Rule
    span: Span
    most: int
    given: int = 0

    @property
    def room(self) -> int:
        """Return the most that this stay may earn."""
        return max(0, self.most - self.given)


def counts_others(rules: Iterable[Rule]) -> bool:
    """Tell whether what a member's other stays give matters to any of these rules."""
    return any(rule.cap_day or rule.cap_year for rule in rules)


def caps(rules: Iterable[Rule], others: Others) -> tuple[Cap, ...]:
    """Return every cap of some rules; of two that are as tight, one that refuses comes first."""
    found = [cap for rule in rules for cap in _caps(rule, others)]
    return tuple(sorted(found, key=lambda cap: (cap.room, cap.rule.over_cap != "refuse")))


def _caps(rule: Rule, others: Others) -> Iterator[Cap]:
    spans: tuple[tuple[Span, int, int], ...] = (
        ("stay", rule.cap_stay, 0),
        ("day", rule.cap_day, others.day),
        ("year", rule.cap_year, others.year),
    )
    for span, most, given in spans:
        if most:
            yield Cap(rule, span, most, given)
