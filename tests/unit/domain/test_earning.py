from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from connector.domain.conditions import Facts, failures
from connector.domain.earning import Applied, Sum, Value, add_up, apply, apply_in_order, value
from connector.domain.folio import Folio
from connector.domain.money import Exchange
from connector.domain.rules import Rule, in_order
from connector.domain.stays import Holder, Stay
from tests.unit.domain.stay_makers import item, rebate, reservation, rule, stay

ROOM = frozenset({"SpaceOrder"})


def facts(of: Stay | None = None, nights: int = 2, departure: date = date(2026, 12, 12)) -> Facts:
    of = of or stay()
    return Facts(of, Folio.of(of.items), departure, nights, nights)


def applied(one: Rule, known: Facts | None = None, rates: dict[tuple[str, str], Decimal] | None = None) -> Applied:
    known = known or facts()
    return apply(one, failures(one, known), known, Exchange(rates or {}))


def whole(*rules: Rule, known: Facts | None = None) -> Sum:
    return add_up(tried(*rules, known=known))


def tried(*rules: Rule, known: Facts | None = None) -> list[Applied]:
    known = known or facts()
    return apply_in_order([(one, failures(one, known)) for one in in_order(rules)], known, Exchange({}))


def test_spend_gives_miles_per_units_of_money() -> None:
    assert whole(rule(), known=facts(stay(item(gross="123.99")))).miles == 123
    assert whole(rule(per=Decimal("20.00")), known=facts(stay(item(gross="80.68")))).miles == 4
    assert whole(rule(miles=Decimal(3), per=Decimal(2)), known=facts(stay(item(gross="5.00")))).miles == 7


@pytest.mark.parametrize(
    ("gross", "tiers", "miles"),
    [
        ("100.00", ((100, 2), (0, 1)), 50),
        ("300.00", ((100, 2), (0, 1)), 250),  # the model of the terminals that collect AIR MILES
        ("99.99", ((100, 2), (0, 1)), 49),
        ("101.00", ((100, 2), (0, 1)), 51),
        ("300.00", ((100, 2), (200, 1)), 150),
        ("250.00", ((50, 5), (150, 2), (0, 1)), 10 + 50 + 100),
        ("0.00", ((100, 2), (0, 1)), 0),
    ],
)
def test_steps_give_miles_each_at_its_own_price(gross: str, tiers: Any, miles: int) -> None:
    steps = tuple((Decimal(up_to), Decimal(per)) for up_to, per in tiers)
    free = rule(tiers=steps, zero_rate=True)
    assert whole(free, known=facts(stay(item(gross=gross)))).miles == miles
    assert whole(replace(free, miles=Decimal(2), bonus=1), known=facts(stay(item(gross=gross)))).floor >= 2 * miles + 1


def test_steps_lie_in_the_currency_of_the_rule() -> None:
    steps = ((Decimal(100), Decimal(2)), (Decimal(0), Decimal(1)))
    assert applied(rule(currency="CAD", tiers=steps), rates={("EUR", "CAD"): Decimal("1.5")}).miles == 100


def test_net_and_gross_are_different_bases() -> None:
    assert (whole(rule(amount="gross")).miles, whole(rule(amount="net")).miles) == (100, 90)


def test_nights_and_stays_are_counted_whatever_was_spent() -> None:
    assert whole(rule(basis="night", miles=Decimal(250)), known=facts(nights=3)).miles == 750
    assert whole(rule(basis="stay", miles=Decimal(500)), known=facts(nights=3)).miles == 500


def test_of_the_nights_only_those_on_its_weekdays_count_for_a_rule_that_names_some() -> None:
    weekend = rule(basis="night", miles=Decimal(250), bonus=10, weekdays=frozenset({"Friday", "Saturday"}))
    assert whole(weekend, known=facts(nights=2)).miles == 260  # Thursday and Friday
    assert whole(weekend, known=facts(nights=1)).miles == 0


def test_a_rule_counts_the_items_of_its_categories_services_and_revenue_types() -> None:
    folio = facts(stay(item("a", "80", category_id="rooms"), item("b", "20", category_id="food", service_id="bar")))
    assert whole(rule(categories=frozenset({"food"})), known=folio).miles == 20
    assert whole(rule(exclude_categories=frozenset({"food"})), known=folio).miles == 80
    assert whole(rule(services=frozenset({"bar"})), known=folio).miles == 20
    assert whole(rule(exclude_services=frozenset({"bar"})), known=folio).miles == 80
    assert whole(rule(revenue_types=frozenset({"Service"})), known=folio).miles == 0
    assert whole(rule(exclude_revenue_types=frozenset({"Service"})), known=folio).miles == 100


def test_rules_add_up_before_anything_is_rounded() -> None:
    thirds = [rule(name=str(n), per=Decimal(3)) for n in range(3)]
    assert whole(*thirds, known=facts(stay(item(gross="100.00")))).exact == 100
    assert whole(*thirds, known=facts(stay(item(gross="100.00")))).miles == 100
    half = rule(basis="stay", miles=Decimal("0.5"))
    assert whole(half).miles == 0
    assert whole(half, half).miles == 1


def test_a_bonus_is_added_once() -> None:
    assert whole(rule(bonus=50)).miles == 150


class TestARuleThatStops:
    base = rule(priority=20)
    corporate = rule(name="corporate", miles=Decimal(3), priority=5, stop=True)

    def test_keeps_the_rules_after_it_from_applying(self) -> None:
        first, second = tried(self.base, self.corporate)
        assert (first.rule, second.rule) == (self.corporate, self.base)
        assert second.against == {"stopped": "rule corporate applies, and no rule after it"}
        assert (second.base, second.miles) == (0, 0)
        assert whole(self.base, self.corporate).miles == 300

    def test_leaves_the_rules_before_it_alone(self) -> None:
        early = rule(priority=1, bonus=7)
        assert whole(self.base, early, self.corporate).miles == 407

    def test_stops_nothing_where_a_condition_or_its_least_spend_stands_against_it(self) -> None:
        elsewhere = replace(self.corporate, properties=frozenset({"montreal"}))
        assert whole(self.base, elsewhere).miles == 100
        assert whole(self.base, replace(self.corporate, min_spend=Decimal("100.01"))).miles == 100

    def test_stops_the_others_though_it_gives_nothing_itself(self) -> None:
        assert whole(self.base, replace(self.corporate, items=frozenset({"ProductOrder"}))).miles == 0

    def test_leaves_to_another_rule_the_reason_that_it_has_itself(self) -> None:
        elsewhere = replace(self.base, properties=frozenset({"montreal"}))
        assert list(tried(elsewhere, self.corporate)[1].against) == ["other_property"]

    def test_comes_among_equals_where_it_stands(self) -> None:
        base = replace(self.base, priority=5)
        assert [whole(self.corporate, base).miles, whole(base, self.corporate).miles] == [300, 400]


class TestFactors:
    gold = rule(tier_bonus=(("GOLD", Decimal("1.25")), ("SILVER", Decimal("1.1"))), bonus=7)

    @pytest.mark.parametrize(("tier", "miles"), [("GOLD", 132), ("SILVER", 117), ("BASIC", 107), (None, 107)])
    def test_a_tier_multiplies_the_miles_and_not_the_bonus(self, tier: str | None, miles: int) -> None:
        assert whole(self.gold, known=replace(facts(), tier=tier)).miles == miles

    @pytest.mark.parametrize(
        ("windows", "miles"),
        [
            ([(date(2026, 12, 12), date(2026, 12, 12), "2")], 207),
            ([(date(2026, 12, 13), date.max, "2")], 107),
            ([(date.min, date(2026, 12, 11), "2")], 107),
            ([(date(2026, 12, 1), date.max, "2"), (date.min, date(2026, 12, 12), "1.5")], 307),
            ([(date(2026, 12, 1), date.max, "0.5")], 57),
        ],
    )
    def test_dates_of_departure_multiply_the_miles(self, windows: list[Any], miles: int) -> None:
        dated = rule(multipliers=tuple((first, last, Decimal(factor)) for first, last, factor in windows), bonus=7)
        assert whole(dated).miles == miles

    def test_all_factors_are_multiplied_before_anything_is_rounded(self) -> None:
        both = replace(self.gold, multipliers=((date.min, date.max, Decimal("1.333")),), per=Decimal(3))
        assert whole(both, known=replace(facts(), tier="SILVER")).exact == Fraction(100, 3) * Fraction("1.4663") + 7

    def test_each_rule_has_its_own(self) -> None:
        assert whole(self.gold, rule(basis="night"), known=replace(facts(), tier="GOLD")).miles == 134


def test_a_negative_base_counts_nothing_and_leaves_other_rules_alone() -> None:
    refunded = facts(stay(item("a", "80"), item("b", "10", type="ProductOrder"), rebate("c", "b", "-50")))
    food = rule(items=frozenset({"ProductOrder"}))
    assert applied(food, refunded).base == 0
    assert whole(rule(items=ROOM), food, known=refunded).miles == 80


def test_a_base_in_another_currency_is_converted_at_the_known_rate() -> None:
    cad = rule(currency="CAD", per=Decimal("20.00"))
    assert applied(cad, rates={("EUR", "CAD"): Decimal("1.5")}).miles == Fraction(15, 2)


def test_a_rule_without_currency_counts_in_the_propertys() -> None:
    assert applied(rule(currency=None)).currency == "EUR"


@pytest.mark.parametrize(
    ("terms", "miles"),
    [
        ([(40, "truncate")], 40),
        ([(40, "refuse")], 0),
        ([(100, "refuse")], 100),
        ([(0, "truncate")], 100),
        ([(60, "truncate"), (40, "truncate")], 40),
        ([(40, "truncate"), (40, "refuse")], 0),
        ([(60, "refuse"), (40, "truncate")], 40),
    ],
)
def test_the_tightest_cap_holds_for_the_whole_stay(terms: list[tuple[int, str]], miles: int) -> None:
    base = rule(items=ROOM)
    caps = [rule(miles=Decimal(0), cap_stay=cap, over_cap=over) for cap, over in terms]
    assert whole(base, *caps).miles == miles


def test_the_cap_of_a_rule_that_does_not_apply_does_not_bind() -> None:
    assert whole(rule(), rule(cap_stay=5, properties=frozenset({"montreal"}))).miles == 100


@pytest.mark.parametrize(
    ("terms", "known", "code"),
    [
        ({"properties": frozenset({"montreal"})}, facts(), "other_property"),
        ({"departure_from": date(2026, 12, 13)}, facts(), "departure_window"),
        ({"departure_to": date(2026, 12, 11)}, facts(), "departure_window"),
        ({"travel_agencies": "none"}, facts(stay(reservation=reservation(agency_id="x"))), "travel_agency"),
        ({"companies": "none"}, facts(stay(reservation=reservation(company_id="x"))), "company"),
        ({"blocks": "none"}, facts(stay(reservation=reservation(block_id="x"))), "block"),
        (
            {"exclude_classifications": frozenset({"Staff", "Friend"})},
            facts(stay(holder=Holder("a", frozenset({"Staff"})))),
            "classification",
        ),
        ({"min_nights": 3}, facts(), "min_nights"),
        ({"min_spend": Decimal("100.01")}, facts(), "min_spend"),
        ({}, facts(stay(item(gross="0", state="Inactive"), item("p", type="ProductOrder"))), "zero_rate"),
    ],
)
def test_a_rule_does_not_apply_and_says_why(terms: dict[str, Any], known: Facts, code: str) -> None:
    result = applied(rule(**terms), known)
    assert list(result.against) == [code]
    assert result.against[code]
    assert (result.base, result.miles) == (0, 0)


@pytest.mark.parametrize(
    "terms",
    [
        {"properties": frozenset({"wien"})},
        {"properties": frozenset({"p-1"})},
        {"properties": frozenset({"Alpenglow Wien"})},
        {"departure_from": date(2026, 12, 12), "departure_to": date(2026, 12, 12)},
        {"travel_agencies": "none", "companies": "none", "blocks": "none"},
        {"exclude_classifications": frozenset({"Staff"})},
        {"min_nights": 2, "min_spend": Decimal("100.00")},
    ],
)
def test_a_rule_applies_up_to_its_limits(terms: dict[str, Any]) -> None:
    assert applied(rule(**terms)).against == {}


def test_a_zero_rate_earns_where_the_rule_says_so() -> None:
    free = facts(stay(item(gross="0", state="Inactive")))
    assert whole(rule(basis="night", miles=Decimal(100), zero_rate=True), known=free).miles == 200


def test_every_objection_is_told_at_once() -> None:
    both = rule(min_nights=9, properties=frozenset({"montreal"}))
    assert set(failures(both, facts())) == {"min_nights", "other_property"}


def test_the_value_of_a_stay_counts_each_item_once_in_the_first_rules_currency() -> None:
    known = facts(stay(item("a", "80"), item("b", "20", type="ProductOrder"), item("t", "9", type="CityTax")))
    exchange = Exchange({("EUR", "CAD"): Decimal("1.5")})
    rules = [applied(rule(properties=frozenset({"x"}), currency="JPY"), known)]
    rules += [applied(rule(items=ROOM), known), apply(rule(currency="CAD"), {}, known, exchange)]
    assert value(rules, Exchange({})) == Value("EUR", Decimal("90.0"), Decimal("100"))


def test_the_taxes_of_what_counts_are_added_by_code() -> None:
    known = facts(
        stay(
            item("a", "110", taxes=(("AT-10", Decimal(10)),)),
            rebate("b", of="a", gross="-11", taxes=(("AT-10", Decimal(-1)),)),
            item(
                "c",
                "24",
                currency="CAD",
                type="ProductOrder",
                taxes=(("AT-20", Decimal(4)), ("X", Decimal(0))),
            ),
            item("t", "3", type="CityTax", taxes=(("AT-20", Decimal(1)),)),
            item("z", "0", state="Inactive", taxes=(("AT-20", Decimal(7)),)),
        )
    )
    exchange = Exchange({("CAD", "EUR"): Decimal("0.5")})
    rules = [apply(rule(), {}, known, exchange)]
    assert value(rules, exchange).taxes == (("AT-10", Decimal(9)), ("AT-20", Decimal(2)))


def test_a_value_below_nothing_is_nothing_and_has_no_taxes() -> None:
    refund = item("a", "-11", type="ProductOrder", taxes=(("AT-10", Decimal(-1)),))
    known = facts(stay(refund))
    spent_nothing = [apply(rule(basis="stay"), {}, known, Exchange({}))]
    assert value(spent_nothing, Exchange({})) == Value("EUR", Decimal(0), Decimal(0))
