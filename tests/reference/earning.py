"""What a stay earns, computed a second time: from the words of a contract alone, with fractions, naively.

It shares nothing with the connector (``tests/architecture`` holds that), so that where both agree, neither is likely
to be wrong. Amounts are Fractions or whole numbers; dates are the property's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True)
class Room:
    """One reservation: its scheduled dates, the day on which it was left, and what was charged."""

    arrival: date
    scheduled_departure: date
    left: date
    charges: Sequence[Charge]


@dataclass(frozen=True)
class Term:
    """One rule. ``steps`` are (up to, per) of money, the last without an end; without steps there is one ``per``."""

    basis: str
    miles: Fraction
    per: Fraction = Fraction(1)
    currency: str = "EUR"
    amount: str = "gross"
    items: frozenset[str] = frozenset()
    steps: Sequence[tuple[Fraction | None, Fraction]] = ()
    bonus: int = 0
    min_nights: int = 0
    cap_stay: int = 0
    free_rooms_earn: bool = False
    exclude_items: frozenset[str] = frozenset()
    min_spend: Fraction = Fraction(0)
    refuse_above_cap: bool = False


Rates = Mapping[tuple[str, str], Fraction]


def miles(rooms: Sequence[Room], terms: Sequence[Term], rates: Rates) -> int:
    """Return the miles of a stay: one room, or several that are one stay. Rounded down once, after the sum."""
    total = Fraction(0)
    caps = []
    for term in terms:
        if _applies(term, rooms, rates):
            total += _base(term, rooms, rates) * term.miles + term.bonus
            if term.cap_stay:
                caps.append((term.cap_stay, not term.refuse_above_cap))
    cap, cuts = min(caps, default=(floor(total), True))
    return max(0, floor(total) if floor(total) <= cap else cap if cuts else 0)


def _applies(term: Term, rooms: Sequence[Room], rates: Rates) -> bool:
    if nights(rooms) < term.min_nights or max(Fraction(0), spent(term, rooms, rates)) < term.min_spend:
        return False
    lodging = Term("spend", Fraction(1), currency=term.currency, items=frozenset({"SpaceOrder"}))
    return term.free_rooms_earn or spent(lodging, rooms, rates) > 0


def _base(term: Term, rooms: Sequence[Room], rates: Rates) -> Fraction:
    if term.basis == "stay":
        return Fraction(1)
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


def spent(term: Term, rooms: Sequence[Room], rates: Rates) -> Fraction:
    """Return the money that counts for a rule, in its currency: purchases, less what was taken from them."""
    total = Fraction(0)
    for room in rooms:
        lines = {charge.id: charge for charge in room.charges}
        for charge in room.charges:
            root = _root(charge, lines)
            kinds = (term.items or PURCHASES) - term.exclude_items
            if not charge.canceled and root is not None and not root.canceled and root.kind in kinds:
                value = charge.gross if term.amount == "gross" else charge.net
                same = charge.currency == term.currency
                total += value if same else value * rates[charge.currency, term.currency]
    return total


def _root(charge: Charge, lines: Mapping[str, Charge]) -> Charge | None:
    """Return the purchase at the end of a line of rebates."""
    while charge.kind in FOLLOWERS:
        if charge.lowers not in lines:
            return None
        charge = lines[charge.lowers]
    return charge
