"""A stay of several reservations, as a rule sees it: some of its conditions ask about the whole, the others each part.

A part that a rule does not take gives nothing by it, neither nights nor charges, and still is part of the stay.
"""

from __future__ import annotations

from dataclasses import replace

from connector.domain import conditions
from connector.domain.conditions import Facts
from connector.domain.rules import Rule

#: Asked about the whole stay. How each reservation was booked is asked about each part.
WHOLE = frozenset(
    {
        "other_property",
        "departure_window",
        "arrival_window",
        "classification",
        "min_nights",
        "weekday",
        "zero_rate",
        "visit",
    }
)


def failures(rule: Rule, facts: Facts) -> dict[str, str]:
    """Return what speaks against the rule, by code; of the parts only when no part is left."""
    found = objections(rule, facts)
    if not facts.parts:
        return found
    whole = {code: text for code, text in found.items() if code in WHOLE}
    parts = [objections(rule, part, alone=False) for part in facts.parts]
    return whole if whole or not all(parts) else parts[0]


def objections(rule: Rule, facts: Facts, *, alone: bool = True) -> dict[str, str]:
    """Return what speaks against the rule about one reservation: as a stay of its own, or as a part of one."""
    found = conditions.failures(rule, facts)
    return found if alone else {code: text for code, text in found.items() if code not in WHOLE}


def within(rule: Rule, facts: Facts) -> Facts:
    """Return the facts of a stay as far as the rule takes it."""
    if not facts.parts:
        return facts
    outside = [part for part in facts.parts if objections(rule, part, alone=False)]
    items = frozenset(item.id for part in outside for item in part.stay.items)
    inside = tuple(part for part in facts.parts if part not in outside)
    nights = sum(part.nights for part in inside)
    return replace(facts, nights=nights, folio=facts.folio.without(items), parts=inside)
