"""What holds for every folio and every set of rules."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor, prod

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.contract import Contract, Hold
from connector.domain.decision import Decision, Status, decide
from connector.domain.folio import PURCHASES
from connector.domain.rules import Rule
from connector.domain.stays import Holder, Membership, OrderItem, Property, Reservation, Stay

CHECK_OUT = datetime(2026, 12, 12, 10, tzinfo=UTC)
RATES = {("CAD", "EUR"): Decimal("0.667891"), ("EUR", "CAD"): Decimal("1.497255")}
IDS = [f"i{n}" for n in range(8)]
TYPES = [*sorted(PURCHASES), "CityTax", "NightRebate", "AllowanceDiscount", "AllowanceBreakage", "Deposit"]

prices = st.decimals(min_value="0", max_value="5000", places=2)
caps = st.sampled_from([0, 0, 1, 10, 500])


@st.composite
def items(draw: st.DrawFn, identity: str) -> OrderItem:
    gross = draw(prices) * draw(st.sampled_from([1, 1, 1, -1]))
    return OrderItem(
        id=identity,
        reservation_id="r",
        type=draw(st.sampled_from(["SpaceOrder", "SpaceOrder", *TYPES])),
        state=draw(st.sampled_from(["Closed", "Closed", "Open", "Inactive", "Canceled"])),
        currency=draw(st.sampled_from(["EUR", "CAD"])),
        net=gross * Decimal("0.9"),
        gross=gross,
        updated=CHECK_OUT,
        lowers_id=draw(st.sampled_from([*[None] * 9, *IDS, "elsewhere"])),
        bookkeeping=draw(st.sampled_from([*[False] * 9, True])),
        category_id=draw(st.sampled_from(["rooms", "food", None])),
    )


@st.composite
def folios(draw: st.DrawFn) -> tuple[OrderItem, ...]:
    """Any graph of items: rebates of rebates, of nothing, of each other."""
    chosen = IDS[: draw(st.sampled_from([8, 6, 4, 3, 2, 1, 0]))]
    return tuple(draw(items(identity)) for identity in chosen)


purchases = st.builds(
    lambda gross, kind: OrderItem("x", "r", kind, "Closed", "EUR", gross, gross, CHECK_OUT),
    prices,
    st.sampled_from(sorted(PURCHASES)),
)
plain_folios = st.lists(purchases, min_size=1, max_size=6).map(
    lambda found: tuple(replace(each, id=IDS[n]) for n, each in enumerate(found))
)
rules = st.builds(
    Rule,
    basis=st.sampled_from(["spend", "night", "stay", "visit"]),
    miles=st.decimals(min_value="0", max_value="50", places=2),
    per=st.sampled_from([Decimal("1.00"), Decimal(3), Decimal("20.00")]),
    currency=st.sampled_from([None, "EUR", "CAD"]),
    amount=st.sampled_from(["gross", "net"]),
    items=st.sampled_from([(), (), ("SpaceOrder",), ("ProductOrder", "CityTax")]).map(frozenset),
    exclude_items=st.sets(st.sampled_from(TYPES), max_size=1).map(frozenset),
    bonus=st.integers(0, 500),
    min_nights=st.sampled_from([0, 0, 0, 2, 3]),
    min_spend=st.sampled_from([Decimal(0), Decimal(0), Decimal(100)]),
    tiers=st.sampled_from([(), (), ((50, 2), (0, 1)), ((100, 3),)]).map(
        lambda found: tuple((Decimal(up_to), Decimal(per)) for up_to, per in found)
    ),
    tier_bonus=st.sampled_from([(), (("GOLD", Decimal("1.25")),)]),
    multipliers=st.sampled_from(
        [(), (), ((date.min, CHECK_OUT.date(), Decimal(2)),), ((date.max, date.max, Decimal(9)),)]
    ),
    cap_stay=caps,
    over_cap=st.sampled_from(["truncate", "refuse"]),
    zero_rate=st.booleans(),
    weekdays=st.sampled_from([(), (), ("Friday",), ("Thursday", "Sunday"), ("Monday",)]).map(frozenset),
    categories=st.sampled_from([(), (), ("rooms",), ("rooms", "food")]).map(frozenset),
    exclude_categories=st.sampled_from([(), (), ("food",)]).map(frozenset),
)
contracts = st.lists(rules, min_size=1, max_size=3).map(lambda found: contract(*found))


def contract(*found: Rule) -> Contract:
    return Contract("partner", "MM", "miles_and_more", found, hold=Hold("none"), tier_program="MM")


def stay(folio: tuple[OrderItem, ...]) -> Stay:
    return Stay(
        Reservation(
            *("r", "1", "p", "s", "Processed", "a", "Customer"),
            scheduled_start=CHECK_OUT - timedelta(days=2),
            scheduled_end=CHECK_OUT,
            created=CHECK_OUT,
            updated=CHECK_OUT,
        ),
        folio,
        Property("p", "Wien", "wien", "Europe/Vienna", "EUR", timedelta(days=7)),
        Holder("a"),
        (Membership("m", "MM", "992003669288601", "Enrolled", True, tier_code="GOLD"),),
        RATES,
    )


def decided(folio: tuple[OrderItem, ...], by: Contract) -> Decision:
    return decide(stay(folio), by, CHECK_OUT)


def miles(folio: tuple[OrderItem, ...], *found: Rule) -> int:
    earned = decided(folio, contract(*found)).award
    return earned.miles if earned else 0


def recomputed(explanation: dict[str, object]) -> int:
    """Compute the miles again from nothing but what the explanation says."""
    total = Fraction(0)
    for rule in json.loads(json.dumps(explanation))["rules"]:
        if rule["applies"]:
            total += _gives(rule, explanation)
    whole = floor(total)
    cap = explanation["arithmetic"]["cap"]  # type: ignore[index]
    if cap is None or whole <= cap["miles"]:
        return whole
    return cap["miles"] if cap["over_cap"] == "truncate" else 0


def _gives(rule: dict[str, object], explanation: dict[str, object]) -> Fraction:
    rates = {"": Fraction(1)} | {pair: Fraction(rate) for pair, rate in explanation["rates"].items()}  # type: ignore[attr-defined]
    base = Fraction(0)
    for entry in rule["items"]:  # type: ignore[attr-defined]
        pair = "" if entry["currency"] == rule["currency"] else f"{entry['currency']}→{rule['currency']}"
        if entry["counted"] and Fraction(entry["amount"]):
            base += Fraction(entry["amount"]) * rates[pair]
    base = max(base, Fraction(0))
    spent = base
    if "steps" in rule:
        spent = sum((Fraction(each["amount"]) / Fraction(each["per"]) for each in rule["steps"]), Fraction(0))  # type: ignore[attr-defined]
        assert base == sum(Fraction(each["amount"]) for each in rule["steps"]) + Fraction(rule["beyond"])  # type: ignore[attr-defined, arg-type]
    elif rule["basis"] == "spend":
        spent /= Fraction(str(rule["per"]))
    quantity = {"spend": spent, "night": _nights(rule, explanation), "stay": 1, "visit": 1}[str(rule["basis"])]
    dated = [each["factor"] for each in rule.get("multipliers", [])]  # type: ignore[attr-defined]
    tier = [rule["tier_bonus"]["factor"]] if "tier_bonus" in rule else []  # type: ignore[index]
    times = prod(map(Fraction, [*dated, *tier]), start=Fraction(1))
    return quantity * Fraction(str(rule["miles_each"])) * times + rule["bonus"]  # type: ignore[operator]


def _nights(rule: dict[str, object], explanation: dict[str, object]) -> int:
    first, weekdays = date.fromisoformat(str(explanation["arrival"])), rule["weekdays"]
    days = [first + timedelta(days=number) for number in range(explanation["nights"])]  # type: ignore[call-overload]
    return sum(not weekdays or f"{day:%A}" in weekdays for day in days)  # type: ignore[operator]


@given(folios(), contracts)
def test_any_graph_of_items_is_decided_and_explained_in_json(folio: tuple[OrderItem, ...], by: Contract) -> None:
    decision = decided(folio, by)
    assert (decision.award is not None) == (decision.status is Status.AWARDED)
    assert json.loads(json.dumps(decision.explanation)) == decision.explanation
    if decision.award:
        assert 0 < decision.award.miles < 1_000_000
        assert decision.award.value_gross >= 0


@given(folios(), contracts)
def test_the_explanation_computes_to_the_miles(folio: tuple[OrderItem, ...], by: Contract) -> None:
    decision = decided(folio, by)
    if decision.award:
        assert recomputed(decision.explanation) == decision.award.miles
    elif decision.reason in {"zero_miles", "over_cap"}:
        assert recomputed(decision.explanation) == 0


@given(folios(), contracts, st.randoms(use_true_random=False))
def test_the_order_of_items_and_rules_does_not_matter(
    folio: tuple[OrderItem, ...], by: Contract, random: object
) -> None:
    shuffled, turned = list(folio), list(by.rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert decided(tuple(shuffled), by) == decided(folio, by)
    other = decided(folio, replace(by, rules=tuple(turned)))
    assert (other.status, other.award and other.award.miles) == (
        decided(folio, by).status,
        miles(folio, *by.rules) or None,
    )


@given(plain_folios, st.integers(1, 40))
def test_a_folio_earns_the_sum_of_its_parts_less_the_rounding_of_each(folio: tuple[OrderItem, ...], per: int) -> None:
    by = Rule("spend", Decimal(1), per=Decimal(per), zero_rate=True)
    parts = sum(miles((each,), by) for each in folio)
    assert parts <= miles(folio, by) < parts + len(folio)


@given(plain_folios, st.integers(1, 40))
def test_only_the_sum_is_rounded_and_always_down(folio: tuple[OrderItem, ...], per: int) -> None:
    by = Rule("spend", Decimal(1), per=Decimal(per), zero_rate=True)
    assert miles(folio, by, by) == floor(2 * sum(Fraction(each.gross) for each in folio) / per)


@given(plain_folios, prices, st.sampled_from(["NightRebate", "AllowanceDiscount"]), rules)
def test_a_rebate_never_earns_more(folio: tuple[OrderItem, ...], amount: Decimal, kind: str, by: Rule) -> None:
    lowered = OrderItem("z", "r", kind, "Closed", "EUR", -amount, -amount, CHECK_OUT, lowers_id=folio[0].id)
    uncapped = replace(by, over_cap="truncate")
    assert miles((*folio, lowered), uncapped) <= miles(folio, uncapped)


@given(plain_folios, prices)
def test_a_rebate_of_a_rebate_takes_it_back(folio: tuple[OrderItem, ...], amount: Decimal) -> None:
    first = OrderItem("y", "r", "NightRebate", "Closed", "EUR", -amount, -amount, CHECK_OUT, lowers_id=folio[0].id)
    second = replace(first, id="z", net=amount, gross=amount, lowers_id="y")
    by = Rule("spend", Decimal(1), zero_rate=True)
    assert miles((*folio, first, second), by) == miles(folio, by)


@given(folios(), st.lists(rules, min_size=1, max_size=3), caps.filter(bool))
def test_nothing_earns_more_than_its_cap(folio: tuple[OrderItem, ...], found: list[Rule], cap: int) -> None:
    capped = [replace(each, cap_stay=cap) for each in found]
    assert miles(folio, *capped) <= cap


@settings(max_examples=30)
@given(folios(), contracts)
def test_a_revision_of_an_unchanged_stay_is_the_same_award(folio: tuple[OrderItem, ...], by: Contract) -> None:
    first = decided(folio, by).award
    if first:
        moved = replace(stay(folio), rates={pair: rate * 2 for pair, rate in RATES.items()}, memberships=())
        assert decide(moved, by, CHECK_OUT + timedelta(days=900), first.frozen).award == first
