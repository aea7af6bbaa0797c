from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.domain.choice import Choice
from connector.domain.folio import Folio, Kinds, Why, total
from connector.domain.money import Exchange, exact
from connector.domain.ruling import Suspense
from connector.domain.stays import OrderItem
from tests.unit.domain.stay_makers import item, rebate

USUAL = Kinds()
ROOMS = Kinds(listed=frozenset({"SpaceOrder"}))


def whys(*items: OrderItem, kinds: Kinds = USUAL) -> dict[str, Why]:
    return {entry.item.id: entry.why for entry in Folio.of(items).entries(kinds)}


@pytest.mark.parametrize("kind", ["SpaceOrder", "ProductOrder", "CustomItem"])
def test_purchases_count_by_default(kind: str) -> None:
    assert whys(item("i", type=kind)) == {"i": Why.LISTED}


@pytest.mark.parametrize(
    "kind",
    [
        *("CityTax", "CityTaxDiscount", "Deposit", "CancellationFee", "InvoiceFee", "MulticurrencyFee"),
        *("Surcharge", "ResourceUpgradeFee", "TaxCorrection", "ExchangeRateDifference", "ServiceCharge"),
        "SomethingNew",
    ],
)
def test_taxes_deposits_and_fees_count_only_where_listed(kind: str) -> None:
    assert whys(item("i", type=kind)) == {"i": Why.NOT_LISTED}
    assert whys(item("i", type=kind), kinds=Kinds(listed=frozenset({kind}))) == {"i": Why.LISTED}


def test_a_list_replaces_the_default_and_an_exclusion_cuts_from_either() -> None:
    breakfast = item("i", type="ProductOrder")
    assert whys(breakfast, kinds=ROOMS) == {"i": Why.NOT_LISTED}
    assert whys(breakfast, kinds=Kinds(excluded=frozenset({"ProductOrder"}))) == {"i": Why.EXCLUDED}


@pytest.mark.parametrize(
    ("choice", "field", "why"),
    [
        ("categories", "category_id", Why.CATEGORY),
        ("services", "service_id", Why.SERVICE),
        ("revenue_types", "revenue_type", Why.REVENUE),
    ],
)
def test_a_choice_of_items_is_also_by_category_service_and_revenue_type(choice: str, field: str, why: Why) -> None:
    listed = Kinds(**{choice: Choice(frozenset({"a", "b"}), frozenset({"b"}))})  # type: ignore[arg-type]
    folio = item("i", **{field: "a"}), item("j", **{field: "b"}), item("k", **{field: "c"}), item("l")
    assert whys(*folio, kinds=listed) == {"i": Why.LISTED, "j": why, "k": why, "l": why}
    excluded = Kinds(**{choice: Choice(excluded=frozenset({"b"}))})  # type: ignore[arg-type]
    assert whys(*folio, kinds=excluded) == {"i": Why.LISTED, "j": why, "k": Why.LISTED, "l": Why.LISTED}


def test_a_rebate_follows_its_item_whatever_its_own_category() -> None:
    food = Kinds(categories=Choice(frozenset({"food"})))
    folio = item("i", category_id="food"), rebate("j", "i", category_id="rebates"), item("k", category_id="spa")
    followers = rebate("l", "j", category_id="spa"), rebate("m", "k", category_id="food")
    assert whys(*folio, *followers, kinds=food) == {
        "i": Why.LISTED,
        "j": Why.FOLLOWS,
        "k": Why.CATEGORY,
        "l": Why.FOLLOWS,
        "m": Why.LOWERS_UNCOUNTED,
    }


@pytest.mark.parametrize(
    "kind", ["AllowanceBreakage", "AllowanceContraBreakage", "AllowanceLoss", "AllowanceContraLoss"]
)
def test_allowance_bookkeeping_never_counts(kind: str) -> None:
    assert whys(item("i", type=kind), kinds=Kinds(listed=frozenset({kind}))) == {"i": Why.BOOKKEEPING}


def test_an_allowance_product_is_bookkeeping_although_it_is_a_product_order() -> None:
    assert whys(item("i", type="ProductOrder", bookkeeping=True)) == {"i": Why.BOOKKEEPING}


def test_a_rebate_follows_the_item_that_it_lowers_whatever_is_listed() -> None:
    found = whys(item("room"), rebate("r", of="room"), item("food", type="ProductOrder"), kinds=ROOMS)
    assert found == {"room": Why.LISTED, "r": Why.FOLLOWS, "food": Why.NOT_LISTED}
    food = item("food", type="ProductOrder")
    assert whys(food, rebate("r", of="food"), kinds=ROOMS)["r"] is Why.LOWERS_UNCOUNTED


def test_an_allowance_discount_follows_too() -> None:
    found = whys(item("food", type="ProductOrder"), rebate("d", of="food", type="AllowanceDiscount"))
    assert found["d"] is Why.FOLLOWS


def test_a_rebate_of_a_rebate_follows_to_the_end() -> None:
    chain = (item("a"), rebate("b", of="a"), rebate("c", of="b", gross="10.00"), rebate("d", of="c"))
    assert set(whys(*chain).values()) == {Why.LISTED, Why.FOLLOWS}
    tax = (item("a", type="CityTax"), *chain[1:])
    assert [whys(*tax)[each] for each in "bcd"] == [Why.LOWERS_UNCOUNTED] * 3


def test_a_canceled_item_takes_its_rebates_along_but_a_canceled_rebate_leaves_the_item() -> None:
    assert whys(item("a", state="Canceled"), rebate("b", of="a")) == {
        "a": Why.CANCELED,
        "b": Why.LOWERS_UNCOUNTED,
    }
    assert whys(item("a"), rebate("b", of="a", state="Canceled")) == {"a": Why.LISTED, "b": Why.CANCELED}


def test_a_rebate_of_what_is_not_on_the_stay_does_not_count() -> None:
    assert whys(item("a"), rebate("b", of="elsewhere"))["b"] is Why.LOWERS_MISSING


def test_rebates_in_a_circle_do_not_count_nor_what_leads_into_it() -> None:
    found = whys(rebate("a", of="b"), rebate("b", of="a"), rebate("c", of="a"), rebate("d", of="d"), item("e"))
    assert found == {"a": Why.CYCLE, "b": Why.CYCLE, "c": Why.CYCLE, "d": Why.CYCLE, "e": Why.LISTED}


def test_a_chain_of_thousands_of_rebates_is_followed() -> None:
    chain = [item("0")] + [rebate(str(n), of=str(n - 1)) for n in range(1, 5000)]
    assert whys(*reversed(chain))["4999"] is Why.FOLLOWS


def test_an_inactive_item_counts_nothing() -> None:
    entry = Folio.of([item("i", "50.00", state="Inactive")]).entries(USUAL)[0]
    assert (entry.counts, entry.why, entry.amount("gross")) == (True, Why.INACTIVE, 0)


def test_gross_and_net_are_summed_exactly_in_one_currency() -> None:
    items = [
        item("a", "0.1"),
        item("b", "0.2"),
        item("c", "10", currency="USD"),
        item("t", "9", type="CityTax"),
    ]
    exchange = Exchange({("USD", "EUR"): Decimal("0.912345678901")})
    with exact():
        entries = Folio.of(items).entries(USUAL)
        assert total(entries, "gross", "EUR", exchange) == Decimal("9.42345678901")
        assert total(entries, "net", "EUR", exchange) == Decimal("8.481111110109")
    assert exchange.used == {("USD", "EUR"): Decimal("0.912345678901")}


def test_a_missing_rate_is_named_but_only_where_it_is_needed() -> None:
    exchange = Exchange({("EUR", "CAD"): Decimal("1.5")})
    worthless = Folio.of([item("a", "5", currency="CAD", state="Inactive")]).entries(USUAL)
    assert total(worthless, "gross", "EUR", exchange) == 0
    with pytest.raises(Suspense, match="no exchange rate CAD→EUR"):
        total(Folio.of([item("a", "5", currency="CAD")]).entries(USUAL), "gross", "EUR", exchange)


def test_a_state_that_mews_added_later_is_not_guessed() -> None:
    folio = Folio.of([item("a", state="Disputed"), item("t", type="CityTax", state="Disputed")])
    with pytest.raises(Suspense, match="order item a"):
        total(folio.entries(USUAL), "gross", "EUR", Exchange({}))
    assert total(folio.entries(ROOMS)[1:], "gross", "EUR", Exchange({})) == 0


def test_the_room_is_charged_when_its_nights_less_rebates_are_worth_something() -> None:
    assert Folio.of([item("a", "0.50")]).room_is_charged()
    assert not Folio.of([item("a", "0", state="Inactive"), item("b", type="ProductOrder")]).room_is_charged()
    assert not Folio.of([item("a", "80"), rebate("b", of="a", gross="-80")]).room_is_charged()
    assert not Folio.of([]).room_is_charged()


def test_counted_gives_each_item_once_for_several_choices() -> None:
    folio = Folio.of([item("b", type="ProductOrder"), item("a"), item("t", type="CityTax")])
    assert [entry.item.id for entry in folio.counted([ROOMS, USUAL])] == ["a", "b"]
    assert replace(item("a"), id="z") not in [entry.item for entry in folio.counted([USUAL])]
