"""On which conditions a rule applies. A further one is a small function and a line in ``CONDITIONS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain import calendar, payers
from connector.domain.contract import Contract
from connector.domain.folio import Folio
from connector.domain.rules import Rule
from connector.domain.ruling import Suspense
from connector.domain.spans import Span
from connector.domain.stays import Stay


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules ask about a stay; ``tier`` is the code of the person's, once the hold has ended.

    ``nights`` are those of every room, ``length`` is how many nights the guest was there. ``parts`` are the facts of
    each reservation of a stay of several.
    """

    stay: Stay
    folio: Folio
    departure: date
    nights: int
    length: int
    parts: tuple[Facts, ...] = ()
    tier: str | None = None

    @classmethod
    def of(cls, stay: Stay, contract: Contract) -> Facts:
        """Return the facts of a stay under a contract; raise Suspense where its calendar is unknown."""
        left = calendar.departure(stay.reservation, stay.property)
        folio = Folio.of(stay.items, payers.foreign(stay, contract))
        slept = calendar.nights(stay.reservation, stay.property)
        if not stay.parts:
            return cls(stay, folio, left, slept, slept)
        parts = tuple(cls.of(part, contract) for part in stay.parts)
        length = len({night for part in stay.parts for night in Span.of(part).nights()})
        return cls(stay, folio, left, sum(part.nights for part in parts), length, parts)

    @property
    def arrival(self) -> date:
        """The first night."""
        return calendar.arrival(self.stay.reservation, self.stay.property)

    def nights_on(self, weekdays: frozenset[str]) -> int:
        """Return how many of the nights, of every room, begin on one of some weekdays."""
        if self.parts:
            return sum(part.nights_on(weekdays) for part in self.parts)
        first = self.arrival
        return sum(weekday(first + timedelta(days=number)) in weekdays for number in range(self.nights))


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def weekday(day: date) -> str:
    """Return the English name of a day's weekday."""
    return WEEKDAYS[day.weekday()]


Condition = Callable[[Rule, Facts], str]  # what speaks against the rule, in words; "" when it holds


def failures(rule: Rule, facts: Facts) -> dict[str, str]:
    """Return what speaks against the rule, by code; nothing when it applies. Raises Suspense for what must be known."""
    objections = ((code, condition(rule, facts)) for code, condition in CONDITIONS.items())
    return {code: text for code, text in objections if text}


def _property(rule: Rule, facts: Facts) -> str:
    keys = facts.stay.property.keys
    return "the rule is for other properties" if rule.properties and rule.properties.isdisjoint(keys) else ""


def _departure(rule: Rule, facts: Facts) -> str:
    return _outside("departed", facts.departure, rule.departure_from, rule.departure_to)


def _arrival(rule: Rule, facts: Facts) -> str:
    if rule.arrival_from is None and rule.arrival_to is None:
        return ""
    return _outside("arrived", facts.arrival, rule.arrival_from, rule.arrival_to)


def _booked(rule: Rule, facts: Facts) -> str:
    if rule.booked_from is None and rule.booked_to is None:
        return ""
    day = calendar.booked(facts.stay.reservation, facts.stay.property)
    return _outside("booked", day, rule.booked_from, rule.booked_to)


def _outside(what: str, day: date, first: date | None, last: date | None) -> str:
    if first and day < first:
        return f"{what} on {day}, the rule begins on {first}"
    return f"{what} on {day}, the rule ended on {last}" if last and day > last else ""


def _weekday(rule: Rule, facts: Facts) -> str:
    if not rule.weekdays:
        return ""
    if rule.basis == "night":
        return "" if facts.nights_on(rule.weekdays) else f"no night on {_listed(rule.weekdays)}"
    day = weekday(facts.arrival)
    return "" if day in rule.weekdays else f"arrived on a {day}, the rule is for {_listed(rule.weekdays)}"


def _listed(weekdays: frozenset[str]) -> str:
    return ", ".join(day for day in WEEKDAYS if day in weekdays)


def _agency(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.agency_id
    if rule.travel_agencies == "none" and booked:
        return "booked through a travel agency"
    return _not_of(rule.agency_ids, booked, "travel agency")


def _company(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.company_id
    if rule.companies == "none" and booked:
        return "booked for a company"
    return _not_of(rule.company_ids, booked, "company")


def _block(rule: Rule, facts: Facts) -> str:
    booked = facts.stay.reservation.block_id
    if rule.blocks == "none" and booked:
        return "part of an availability block"
    return _not_of(rule.block_ids, booked, "availability block")


def _not_of(listed: frozenset[str], found: str | None, what: str) -> str:
    if not listed or found in listed:
        return ""
    return f"{what} {found} is not one of the rule's" if found else f"no {what}, the rule is for those it lists"


def _chosen(what: str, listed: str, excluded: str, found: Callable[[Facts], str | None]) -> Condition:
    """Return the condition that a fact of the stay is among the values of one field, and not of the other."""

    def condition(rule: Rule, facts: Facts) -> str:
        wanted, unwanted = getattr(rule, listed), getattr(rule, excluded)
        if not wanted and not unwanted:
            return ""
        value = found(facts)
        if value in unwanted:
            return f"{what} {value} is one that the rule excludes"
        return _not_of(wanted, value, what)

    return condition


def _source(facts: Facts) -> str | None:
    if facts.stay.source_id is None:
        raise Suspense("source_not_read", "the source of the reservation is not read yet, or cannot be read")
    return facts.stay.source_id or None


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
    "arrival_window": _arrival,
    "booking_window": _booked,
    "weekday": _weekday,
    "travel_agency": _agency,
    "company": _company,
    "block": _block,
    "origin": _chosen("origin", "origins", "exclude_origins", lambda facts: facts.stay.reservation.origin),
    "segment": _chosen("segment", "segments", "exclude_segments", lambda facts: facts.stay.reservation.segment_id),
    "rate": _chosen("rate", "rates", "exclude_rates", lambda facts: facts.stay.reservation.rate_id),
    "rate_group": _chosen(
        "group of rate", "rate_groups", "exclude_rate_groups", lambda facts: facts.stay.reservation.rate_id
    ),
    "source": _chosen("source", "sources", "exclude_sources", _source),
    "classification": _classification,
    "min_nights": _nights,
    "zero_rate": _rate,
    "visit": _visit,
}
