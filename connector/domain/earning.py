"""Miles: what each rule gives for a stay, summed exactly and rounded down once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from connector.domain.caps import NO_OTHERS, Cap, Others, caps
from connector.domain.choice import ANYTHING, Choice
from connector.domain.conditions import Facts
from connector.domain.factors import NO_FACTORS, Factors, factors
from connector.domain.folio import Entry, Kinds, counted_once, taxes_of, total
from connector.domain.money import Exchange, plain
from connector.domain.parts import within
from connector.domain.rules import Rule
from connector.domain.steps import Step, stepped

#: Miles & More's own Earn service takes fewer miles than this in one credit; nobody earns as many by one
#: stay.
IMPLAUSIBLE = 1_000_000

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule on one stay. ``quantity`` is money units / ``per``, nights, or 1; ``miles`` are unrounded.

    With tiers the quantity is the sum of the ``steps``. ``base`` is the counted money in ``currency``, never
    negative; ``against`` says by code why the rule does not apply, and then base, quantity and miles are 0.
    """

    rule: Rule
    currency: str
    entries: tuple[Entry, ...]
    against: dict[str, str]
    base: Decimal = Decimal(0)
    quantity: Fraction = Fraction(0)
    miles: Fraction = Fraction(0)
    steps: tuple[Step, ...] = ()
    factors: Factors = NO_FACTORS


@dataclass(frozen=True, slots=True)
class Sum:
    """The miles of a stay: ``exact`` before rounding, ``floor`` after it; ``caps`` the tightest first."""

    exact: Fraction
    floor: int
    caps: tuple[Cap, ...] = ()

    @property
    def cap(self) -> Cap | None:
        """Return the tightest cap: it holds for the whole stay."""
        return self.caps[0] if self.caps else None

    @property
    def capped(self) -> bool:
        """Tell whether the stay earned more than its cap."""
        return self.cap is not None and self.floor > self.cap.room

    @property
    def refused(self) -> bool:
        """Tell whether more than the cap earns nothing at all."""
        return self.cap is not None and self.capped and self.cap.rule.over_cap == "refuse"

    @property
    def miles(self) -> int:
        """Return the whole miles to give."""
        if self.cap is None or not self.capped:
            return self.floor
        return 0 if self.refused else self.cap.room


@dataclass(frozen=True, slots=True)
class Value:
    """The counted business value of a stay: exact, never negative; ``taxes`` by Mews tax code."""

    currency: str
    net: Decimal
    gross: Decimal
    taxes: tuple[tuple[str, Decimal], ...] = ()


def kinds(rule: Rule) -> Kinds:
    """Return which items the rule counts."""
    return Kinds(
        rule.items,
        rule.exclude_items,
        _choice(rule.categories, rule.exclude_categories),
        _choice(rule.services, rule.exclude_services),
        _choice(rule.revenue_types, rule.exclude_revenue_types),
    )


def _choice(listed: frozenset[str], excluded: frozenset[str]) -> Choice:
    return Choice(listed, excluded) if listed or excluded else ANYTHING


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
    steps, times = stepped(base, rule.tiers), factors(rule, facts)
    quantity = _quantity(rule, facts, base, steps)
    miles = quantity * Fraction(rule.miles) * times.product + rule.bonus
    return Applied(rule, currency, entries, {}, base, quantity, miles, steps, times)


def apply_in_order(rules: Iterable[tuple[Rule, dict[str, str]]], facts: Facts, exchange: Exchange) -> list[Applied]:
    """Apply rules, each with what stands against it, until one that applies stops those after it."""
    applied: list[Applied] = []
    stopped: dict[str, str] = {}
    for rule, against in rules:
        applied.append(apply(rule, against or stopped, facts, exchange))
        if rule.stop and not applied[-1].against:
            stopped = {"stopped": f"rule {rule.name or rule.basis} applies, and no rule after it"}
    return applied


def add_up(applied: Iterable[Applied], others: Others = NO_OTHERS) -> Sum:
    """Add what the applied rules give and round down once; the tightest cap holds for the whole stay.

    ``others`` is what further stays of the member give.
    """
    rules = [each for each in applied if not each.against]
    exact = sum((each.miles for each in rules), Fraction(0))
    return Sum(exact, exact.numerator // exact.denominator, caps((each.rule for each in rules), others))


def value(applied: Sequence[Applied], exchange: Exchange) -> Value:
    """Return what the items that count for any applied rule are worth, in the first one's currency."""
    rules = [each for each in applied if not each.against]
    currency = rules[0].currency
    counted = counted_once(each.entries for each in rules)
    net, gross = (total(counted, measure, currency, exchange) for measure in ("net", "gross"))
    taxes = taxes_of(counted, currency, exchange)
    return Value(currency, max(_NOTHING, net), max(_NOTHING, gross), taxes if gross > 0 else ())


def description(applied: Iterable[Applied]) -> str:
    """Return the text of the first applied rule that has one."""
    return next((each.rule.description for each in applied if not each.against and each.rule.description), "")


def _quantity(rule: Rule, facts: Facts, base: Decimal, steps: Sequence[Step]) -> Fraction:
    if rule.basis == "spend" and rule.tiers:
        return sum((each.units for each in steps), Fraction(0))
    if rule.basis == "spend":
        return Fraction(base) / Fraction(rule.per)
    if rule.basis == "night":
        return Fraction(facts.nights_on(rule.weekdays) if rule.weekdays else facts.nights)
    return Fraction(1)
