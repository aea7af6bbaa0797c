from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from connector.domain.awards import Message
from connector.domain.decision import Earned, Frozen
from connector.domain.differences import further
from tests.integration.store.makers import message

EARNED = Earned(
    miles=100,
    member_number="992001234567890",
    membership_id="m1",
    program_code="MM",
    departed_at=datetime(2026, 11, 1, tzinfo=UTC),
    departure=date(2026, 11, 1),
    currency="EUR",
    value_net=Decimal("200.50"),
    value_gross=Decimal("220.55"),
    frozen=Frozen("f", {}),
    taxes=(("A", Decimal("20.05")),),
)


def said(miles: int, net: str, gross: str, *taxes: tuple[str, Decimal], currency: str = "EUR") -> Message:
    found = message(miles=miles)
    amounts = {"value_net": Decimal(net), "value_gross": Decimal(gross), "taxes": taxes, "currency": currency}
    return replace(found, credit=replace(found.credit, miles=miles, **amounts))  # type: ignore[arg-type]


def test_a_further_credit_says_the_miles_money_and_taxes_that_are_missing() -> None:
    rest = further(EARNED, [said(60, "100", "110", ("A", Decimal(10))), said(20, "50", "55", ("A", Decimal(5)))])
    assert rest == replace(
        EARNED, miles=20, value_net=Decimal("50.50"), value_gross=Decimal("55.55"), taxes=(("A", Decimal("5.05")),)
    )


def test_a_further_credit_says_the_miles_of_each_offer_code_that_are_missing() -> None:
    earned = replace(EARNED, shares=(("", 80), ("SPA", 20)))
    rest = further(earned, [said(60, "100", "110", ("A", Decimal(10)))])
    assert rest is not None
    assert (rest.miles, rest.shares) == (40, (("", 20), ("SPA", 20)))


def test_miles_that_go_from_one_offer_code_to_another_are_not_said_as_a_difference() -> None:
    earned = replace(EARNED, shares=(("", 50), ("SPA", 50)))
    assert further(earned, [said(60, "100", "110", ("A", Decimal(10)))]) is None


def test_the_same_money_may_be_worth_more_miles() -> None:
    rest = further(EARNED, [said(60, "200.50", "220.55", ("A", Decimal("20.05")))])
    assert rest is not None
    assert (rest.miles, rest.value_net, rest.taxes) == (40, 0, ())


def test_money_that_fell_or_is_in_another_currency_is_not_said_as_a_difference() -> None:
    assert further(EARNED, [said(60, "201", "220")]) is None
    assert further(EARNED, [said(60, "200", "220", ("B", Decimal(1)))]) is None
    assert further(EARNED, [said(60, "10", "10", currency="CAD")]) is None
