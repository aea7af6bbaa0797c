"""Miles: what each rule gives for a stay, summed exactly and rounded down once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from connector.domain.conditions import Facts
from connector.domain.folio import Entry, Kinds, counted_once, taxes_of, total
from connector.domain.money import Exchange, plain
from connector.domain.parts import within
from connector.domain.rules import Rule

#: Miles & More's own Earn service takes fewer miles than this in one credit; nobody earns as many by one
#: stay.
IMPLAUSIBLE = 1_000_000

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule on one stay. ``quantity`` is money units / ``per``, nights, or 1; ``miles`` are unrounded.

    ``base`` is the counted money in ``currency``, never negative; ``against`` says by code why the rule
    does not apply, and then base, quantity and miles are 0.
    """

    rule: Rule
    currency: str
    entries: tuple[Entry, ...]
    against: dict[str, str]
    base: Decimal = Decimal(0)
    quantity: Fraction = Fraction(0)
    miles: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Sum:
    """The miles of a stay: ``exact`` before rounding, ``floor`` after it, ``cap`` the tightest rule's."""

    exact: Fraction
    floor: int
    cap: Rule | None = None

    @property
    def capped(self) -> bool:
        """Tell whether the stay earned more than its cap."""
        return self.cap is not None and self.floor > self.cap.cap_stay

    @property
    def refused(self) -> bool:
        """Tell whether more than the cap earns nothing at all."""
        return self.cap is not None and self.capped and self.cap.over_cap == "refuse"

    @property
    def miles(self) -> int:
        """Return the whole miles to give."""
        if self.cap is None or not self.capped:
            return self.floor
        return 0 if self.refused else self.cap.cap_stay


@dataclass(frozen=True, slots=True)
class Value:
    """The counted business value of a stay: exact, never negative; ``taxes`` by Mews tax code."""

    currency: str
    net: Decimal
    gross: Decimal
    taxes: tuple[tuple[str, Decimal], ...] = ()


def kinds(rule: Rule) -> Kinds:
    """Return which item types the rule counts."""
    return Kinds(rule.items, rule.exclude_items)


def apply(rule: Rule, against: dict[str, str], facts: Facts, exchange: Exchange) -> Applied:
    """Apply one rule unless conditions stand ``against`` it; raise Suspense on an unknown amount."""
    facts = within(rule, facts)
    currency = rule.currency or facts.stay.property.currency
    entries = facts.folio.entries(kinds(rule))
    if against:
        return Applied(rule, currency, entries, against)
    base = max(_NOTHING, total(entries, rule.amount, currency, exchange))
    if base < rule.min_spend:
        short = f"{plain(base)} {currency} spent, the rule wants {plain(rule.min_spend)}"
        return Applied(rule, currency, entries, {"min_spend": short})
    quantity = _quantity(rule, facts, base)
    return Applied(rule, currency, entries, {}, base, quantity, quantity * Fraction(rule.miles) + rule.bonus)


def add_up(applied: Iterable[Applied]) -> Sum:
    """Add what the applied rules give and round down once; the tightest cap holds for the whole stay."""
    rules = [each for each in applied if not each.against]
    exact = sum((each.miles for each in rules), Fraction(0))
    caps = [each.rule for each in rules if each.rule.cap_stay > 0]
    cap = min(caps, key=lambda rule: (rule.cap_stay, rule.over_cap != "refuse"), default=None)
    return Sum(exact, exact.numerator // exact.denominator, cap)


def value(applied: Sequence[Applied], exchange: Exchange) -> Value:
    """Return what the items that count for any applied rule are worth, in the first one's currency."""
    rules = [each for each in applied if not each.against]
    currency = rules[0].currency
    counted = counted_once(each.entries for each in rules)
    net, gross = (total(counted, measure, currency, exchange) for measure in ("net", "gross"))
    taxes = taxes_of(counted, currency, exchange)
    return Value(currency, max(_NOTHING, net), max(_NOTHING, gross), taxes if gross > 0 else ())


def _quantity(rule: Rule, facts: Facts, base: Decimal) -> Fraction:
    if rule.basis == "spend":
        return Fraction(base) / Fraction(rule.per)
    return Fraction(facts.nights if rule.basis == "night" else 1)
