"""What a stay earns, computed a second time: from the words of a contract alone, with fractions, naively.

It shares nothing with the connector (``tests/architecture`` holds that), so that where both agree, neither is likely
to be wrong. Amounts are Fractions or whole numbers; dates are the property's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

PURCHASES = {"SpaceOrder", "ProductOrder"}
FOLLOWERS = {"NightRebate", "ProductOrderRebate", "AllowanceDiscount"}


@dataclass(frozen=True)
class Charge:
    """One line of a folio; ``lowers`` is the line that this one takes from (a rebate of a rebate: that rebate)."""

    id: str
    kind: str
    net: Fraction
    gross: Fraction
    currency: str = "EUR"
    lowers: str = ""
    canceled: bool = False
    category: str = ""


@dataclass(frozen=True)
class Room:
    """One reservation: its scheduled dates, the day on which it was left, what was charged, and how it was sold."""

    arrival: date
    scheduled_departure: date
    left: date
    charges: Sequence[Charge]
    booked: date = date.min
    rate: str = ""


@dataclass(frozen=True)
class Term:
    """One rule. ``steps`` are (up to, per) of money, the last without an end; without steps there is one ``per``.

    ``by_tier`` and ``by_date`` (first day, last day, factor) multiply the miles, not the bonus. A lower ``priority``
    comes first, and where a rule with ``stop`` applies, no later one does.
    ``weekdays`` are 0 (Monday) to 6; ``booked`` and ``arrived`` are the first and the last day.
    """

    basis: str
    miles: Fraction
    per: Fraction = Fraction(1)
    currency: str = "EUR"
    amount: str = "gross"
    items: frozenset[str] = frozenset()
    steps: Sequence[tuple[Fraction | None, Fraction]] = ()
    by_tier: Mapping[str, Fraction] = field(default_factory=dict)
    by_date: Sequence[tuple[date | None, date | None, Fraction]] = ()
    bonus: int = 0
    min_nights: int = 0
    min_spend: Fraction = Fraction(0)
    cap_stay: int = 0
    free_rooms_earn: bool = False
    priority: int = 10
    stop: bool = False
    weekdays: frozenset[int] = frozenset()
    booked: tuple[date, date] = (date.min, date.max)
    arrived: tuple[date, date] = (date.min, date.max)
    rates: frozenset[str] = frozenset()
    not_rates: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    exclude_items: frozenset[str] = frozenset()
    refuse_above_cap: bool = False


Rates = Mapping[tuple[str, str], Fraction]


def miles(rooms: Sequence[Room], terms: Sequence[Term], rates: Rates, tier: str = "") -> int:
    """Return the miles of a stay: one room, or several that are one stay. Rounded down once, after the sum."""
    total = Fraction(0)
    caps = []
    for term in sorted(terms, key=lambda each: each.priority):
        if _applies(term, rooms, rates):
            total += _base(term, rooms, rates) * term.miles * _factor(term, rooms, tier) + term.bonus
            if term.cap_stay:
                caps.append((term.cap_stay, not term.refuse_above_cap))
            if term.stop:
                break
    cap, cuts = min(caps, default=(floor(total), True))
    return max(0, floor(total) if floor(total) <= cap else cap if cuts else 0)


def _factor(term: Term, rooms: Sequence[Room], tier: str) -> Fraction:
    product = term.by_tier.get(tier, Fraction(1))
    left = max(room.left for room in rooms)
    for first, last, factor in term.by_date:
        if (first is None or left >= first) and (last is None or left <= last):
            product *= factor
    return product


def _applies(term: Term, rooms: Sequence[Room], rates: Rates) -> bool:
    if length(rooms) < term.min_nights or max(Fraction(0), spent(term, rooms, rates)) < term.min_spend:
        return False
    if not all(_is_for(term, room) for room in rooms):
        return False
    lodging = Term("spend", Fraction(1), currency=term.currency, items=frozenset({"SpaceOrder"}))
    return term.free_rooms_earn or spent(lodging, rooms, rates) > 0


def _is_for(term: Term, room: Room) -> bool:
    """Tell whether a reservation was made, begins and was sold as the rule wants it."""
    if room.rate in term.not_rates or (term.rates and room.rate not in term.rates):
        return False
    if term.weekdays and term.basis == "night" and not _nights_on(term.weekdays, room):
        return False
    if term.weekdays and term.basis != "night" and room.arrival.weekday() not in term.weekdays:
        return False
    return term.booked[0] <= room.booked <= term.booked[1] and term.arrived[0] <= room.arrival <= term.arrived[1]


def _nights_on(weekdays: frozenset[int], room: Room) -> int:
    last = min(room.scheduled_departure, room.left)
    days = range(room.arrival.toordinal(), last.toordinal())
    return sum(date.fromordinal(day).weekday() in weekdays for day in days)


def _base(term: Term, rooms: Sequence[Room], rates: Rates) -> Fraction:
    if term.basis == "stay":
        return Fraction(1)
    if term.basis == "night" and term.weekdays:
        return Fraction(sum(_nights_on(term.weekdays, room) for room in rooms))
    if term.basis == "night":
        return Fraction(nights(rooms))
    money = max(Fraction(0), spent(term, rooms, rates))
    return units(money, term.steps) if term.steps else money / term.per


def units(money: Fraction, steps: Sequence[tuple[Fraction | None, Fraction]]) -> Fraction:
    """Return how many units the money buys where the first part costs one price a unit and the next another."""
    found, below = Fraction(0), Fraction(0)
    for up_to, per in steps:
        upper = money if up_to is None else min(money, up_to)
        if upper > below:
            found += (upper - below) / per
            below = upper
    return found


def nights(rooms: Sequence[Room]) -> int:
    """Return the room nights: from the scheduled start to the earlier of scheduled and actual end, never negative."""
    return sum(max(0, (min(room.scheduled_departure, room.left) - room.arrival).days) for room in rooms)


def length(rooms: Sequence[Room]) -> int:
    """Return how many nights the guest was there, in however many rooms."""
    return len({room.arrival + timedelta(days=n) for room in rooms for n in range(nights([room]))})


def spent(term: Term, rooms: Sequence[Room], rates: Rates) -> Fraction:
    """Return the money that counts for a rule, in its currency: purchases, less what was taken from them."""
    total = Fraction(0)
    for room in rooms:
        lines = {charge.id: charge for charge in room.charges}
        for charge in room.charges:
            root = _root(charge, lines)
            if not charge.canceled and root is not None and not root.canceled and _counts(root, term):
                value = charge.gross if term.amount == "gross" else charge.net
                same = charge.currency == term.currency
                total += value if same else value * rates[charge.currency, term.currency]
    return total


def _counts(purchase: Charge, term: Term) -> bool:
    fits = not term.categories or purchase.category in term.categories
    return fits and purchase.kind in (term.items or PURCHASES) - term.exclude_items


def _root(charge: Charge, lines: Mapping[str, Charge]) -> Charge | None:
    """Return the purchase at the end of a line of rebates."""
    while charge.kind in FOLLOWERS:
        if charge.lowers not in lines:
            return None
        charge = lines[charge.lowers]
    return charge
