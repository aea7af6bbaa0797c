"""On which conditions a rule applies. A further one is a small function and a line in ``CONDITIONS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from connector.domain import calendar
from connector.domain.folio import Folio
from connector.domain.rules import Rule
from connector.domain.spans import Span
from connector.domain.stays import Stay


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions of every rule ask about a stay.

    ``nights`` are those of every room, ``length`` is how many nights the guest was there. ``parts`` are the facts of
    each reservation of a stay of several.
    """

    stay: Stay
    folio: Folio
    departure: date
    nights: int
    length: int
    parts: tuple[Facts, ...] = ()

    @classmethod
    def of(cls, stay: Stay) -> Facts:
        """Return the facts of a stay; raise Suspense where its calendar is unknown."""
        left = calendar.departure(stay.reservation, stay.property)
        slept = calendar.nights(stay.reservation, stay.property)
        if not stay.parts:
            return cls(stay, Folio.of(stay.items), left, slept, slept)
        parts = tuple(cls.of(part) for part in stay.parts)
        length = len({night for part in stay.parts for night in Span.of(part).nights()})
        return cls(stay, Folio.of(stay.items), left, sum(part.nights for part in parts), length, parts)


Condition = Callable[[Rule, Facts], str]  # what speaks against the rule, in words; "" when it holds


def failures(rule: Rule, facts: Facts) -> dict[str, str]:
    """Return what speaks against the rule, by code; nothing when it applies."""
    objections = ((code, condition(rule, facts)) for code, condition in CONDITIONS.items())
    return {code: text for code, text in objections if text}


def _property(rule: Rule, facts: Facts) -> str:
    keys = facts.stay.property.keys
    return "the rule is for other properties" if rule.properties and rule.properties.isdisjoint(keys) else ""


def _departure(rule: Rule, facts: Facts) -> str:
    if rule.departure_from and facts.departure < rule.departure_from:
        return f"departed on {facts.departure}, the rule begins on {rule.departure_from}"
    if rule.departure_to and facts.departure > rule.departure_to:
        return f"departed on {facts.departure}, the rule ended on {rule.departure_to}"
    return ""


def _agency(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.agency_id
    return "booked through a travel agency" if rule.travel_agencies == "none" and booked else ""


def _company(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.company_id
    return "booked for a company" if rule.companies == "none" and booked else ""


def _block(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.block_id
    return "part of an availability block" if rule.blocks == "none" and booked else ""


def _classification(rule: Rule, facts: Facts) -> str:
    found = sorted(rule.exclude_classifications & facts.stay.holder.classifications)
    return f"the guest is classified {', '.join(found)}" if found else ""


def _nights(rule: Rule, facts: Facts) -> str:
    short = facts.length < rule.min_nights
    return f"{facts.length} nights, the rule wants {rule.min_nights}" if short else ""


def _rate(rule: Rule, facts: Facts) -> str:
    return "" if rule.zero_rate or facts.folio.room_is_charged() else "the room was not charged"


def _visit(rule: Rule, facts: Facts) -> str:
    other = facts.stay.visited
    return f"the visit earns by reservation {other}" if rule.basis == "visit" and other else ""


CONDITIONS: dict[str, Condition] = {
    "other_property": _property,
    "departure_window": _departure,
    "travel_agency": _agency,
    "company": _company,
    "block": _block,
    "classification": _classification,
    "min_nights": _nights,
    "zero_rate": _rate,
    "visit": _visit,
}
