from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.contract import Contract, Hold
from connector.domain.decision import Decision, Earned, Frozen, Status, decide
from connector.domain.stays import Stay
from tests.unit.domain.stay_makers import (
    ARRIVAL,
    CHECK_OUT,
    COLLECTOR,
    MEMBER,
    NOW,
    VIENNA,
    contract,
    item,
    membership,
    rebate,
    reservation,
    rule,
    stay,
)

AIR_MILES: dict[str, Any] = {
    "name": "air_miles",
    "program_code": "AM",
    "number_scheme": "air_miles",
    "currencies": frozenset({"CAD"}),
    "location_keys": frozenset({"wien"}),
}


def decided(of: Stay | None = None, by: Contract | None = None, frozen: Frozen | None = None) -> Decision:
    return decide(of or stay(), by or contract(), NOW, frozen)


def outcome(decision: Decision) -> tuple[str, str]:
    assert decision.text
    assert (decision.award is not None) == (decision.status is Status.AWARDED)
    return str(decision.status), decision.reason


def award(decision: Decision) -> Earned:
    assert decision.award is not None, decision.text
    return decision.award


def test_a_settled_stay_is_awarded_with_all_that_the_partner_wants_to_know() -> None:
    terms = contract(hold=Hold("settled"))
    assert decided(stay(item(gross="123.45"), memberships=(membership(number="9920 0366 9288 601"),)), terms) == (
        replace(
            decided(stay(item(gross="123.45")), terms),
            award=Earned(
                miles=123,
                member_number=MEMBER,
                membership_id="m-1",
                program_code="MM",
                departed_at=CHECK_OUT,
                departure=date(2026, 12, 12),
                currency="EUR",
                value_net=Decimal("111.1050"),
                value_gross=Decimal("123.45"),
                frozen=Frozen(terms.fingerprint(), {}, None, "m-1", MEMBER),
                seat="owner",
            ),
        )
    )


@pytest.mark.parametrize(
    ("of", "terms", "expected"),
    [
        (stay(reservation=reservation(state="Started")), {}, ("waiting", "not_processed")),
        (stay(reservation=reservation(state="SomethingNew")), {}, ("waiting", "not_processed")),
        (stay(reservation=reservation(state="Canceled")), {}, ("excluded", "not_processed")),
        (stay(), {"start": date(2026, 12, 13)}, ("excluded", "before_start")),
        (stay(), {"start": date(2026, 12, 12)}, ("awarded", "awarded")),
        (stay(), {"start": None}, ("awarded", "awarded")),
        (stay(), {"max_age": timedelta(days=19)}, ("excluded", "too_old")),
        (stay(), {"max_age": timedelta(days=20)}, ("awarded", "awarded")),
        (stay(), {"location_keys": frozenset({"montreal"})}, ("excluded", "no_location")),
        (stay(), {"location_keys": frozenset({"Alpenglow Wien"})}, ("awarded", "awarded")),
        (stay(), {"location_keys": frozenset()}, ("excluded", "no_location")),
        (stay(reservation=reservation(account_type="Company")), {}, ("excluded", "company_owner")),
        (stay(memberships=()), {}, ("excluded", "no_membership")),
        (stay(memberships=(membership(number="4111111111111111"),)), {}, ("suspended", "payment_card")),
        (stay(memberships=(membership(number="12"),)), {}, ("suspended", "bad_number")),
        (stay(item(gross="0.99")), {}, ("excluded", "zero_miles")),
        (stay(item(gross="1.00")), {}, ("awarded", "awarded")),
        (stay(item(gross="999999.99")), {}, ("awarded", "awarded")),
        (stay(item(gross="1000000.00")), {}, ("suspended", "implausible")),
        (stay(), {"currencies": frozenset({"CAD"})}, ("suspended", "currency_not_taken")),
        (stay(), {"hold": Hold("after", timedelta(days=21))}, ("waiting", "hold")),
        (stay(item(currency="CHF")), {}, ("suspended", "no_exchange_rate")),
        (stay(item(state="Disputed")), {}, ("suspended", "unknown_item_state")),
        (stay(property=replace(VIENNA, time_zone="x")), {}, ("suspended", "unknown_time_zone")),
    ],
)
def test_every_stay_has_one_status_and_a_reason(of: Stay, terms: dict[str, Any], expected: tuple[str, str]) -> None:
    assert outcome(decided(of, contract(**terms))) == expected


def test_no_rule_applies_says_why_for_each() -> None:
    rules = (
        rule(name="wien", min_nights=9),
        rule(name="", basis="night", properties=frozenset({"montreal"})),
    )
    decision = decided(by=contract(*rules))
    assert outcome(decision) == ("excluded", "no_rule")
    assert decision.text == (
        "no rule applies: wien: 2 nights, the rule wants 9; night: the rule is for other properties"
    )


def test_more_than_a_cap_that_refuses_earns_nothing() -> None:
    assert outcome(decided(by=contract(rule(cap_stay=99, over_cap="refuse")))) == ("excluded", "over_cap")
    assert award(decided(by=contract(rule(cap_stay=99)))).miles == 99


def test_open_and_closed_items_both_count_without_a_hold() -> None:
    assert award(decided(stay(item("a"), item("b", state="Open")))).miles == 200


def test_a_stay_waits_on_items_of_rules_that_could_apply_only() -> None:
    here = rule(items=frozenset({"SpaceOrder"}))
    elsewhere = rule(properties=frozenset({"montreal"}))
    folio = (item("a"), item("b", type="ProductOrder", state="Open"))
    assert outcome(decided(stay(*folio), contract(here, elsewhere, hold=Hold("settled"))))[0] == "awarded"
    assert outcome(decided(stay(*folio), contract(rule(), hold=Hold("settled"))))[0] == "waiting"


def test_a_stay_waits_on_the_items_of_a_rule_that_may_yet_be_stopped() -> None:
    first = rule(items=frozenset({"SpaceOrder"}), priority=1, stop=True)
    folio = (item("a"), item("b", type="ProductOrder", state="Open"))
    assert outcome(decided(stay(*folio), contract(first, rule(), hold=Hold("settled"))))[0] == "waiting"
    assert award(decided(stay(*folio), contract(first, rule()))).miles == 100


def test_the_text_of_an_award_is_that_of_the_first_applied_rule_that_has_one() -> None:
    rules = (
        rule(name="late", priority=30, description="Late"),
        rule(name="silent", priority=1),
        rule(name="elsewhere", priority=2, properties=frozenset({"montreal"}), description="Elsewhere"),
        rule(name="base", description="Your stay"),
    )
    assert award(decided(by=contract(*rules))).description == "Your stay"
    assert award(decided(by=contract(rules[1]))).description == ""


def test_a_waiting_stay_says_when_to_look_again() -> None:
    decision = decide(stay(), contract(hold=Hold("settled")), CHECK_OUT, None)
    assert decision.due == CHECK_OUT + timedelta(days=7)
    assert decide(stay(), contract(hold=Hold("settled")), decision.due).status is Status.AWARDED


def test_the_membership_is_judged_on_the_day_when_the_hold_ended_not_today() -> None:
    ended = date(2026, 12, 19)
    lapsing = stay(memberships=(membership(expires=ended),))
    assert outcome(decided(lapsing, contract(hold=Hold("settled"))))[0] == "awarded"
    lapsed = stay(memberships=(membership(expires=ended - timedelta(days=1)),))
    assert outcome(decided(lapsed, contract(hold=Hold("settled")))) == ("excluded", "membership_expired")
    assert outcome(decided(lapsing, contract(hold=Hold("none")))) == ("excluded", "membership_expired")


def test_the_membership_is_not_asked_before_the_hold_ends() -> None:
    waiting = decide(stay(memberships=()), contract(hold=Hold("settled")), CHECK_OUT)
    assert outcome(waiting) == ("waiting", "editable")


def test_air_miles_counts_net_canadian_dollars_in_steps_of_twenty() -> None:
    terms = contract(rule(per=Decimal("20.00"), currency="CAD", amount="net"), **AIR_MILES)
    collector = (membership(program_code="AM", number=COLLECTOR),)
    of = stay(item(gross="100.00"), memberships=collector, rates={("EUR", "CAD"): Decimal("1.4925")})
    earned = award(decided(of, terms))
    assert (earned.miles, earned.currency, earned.value_net) == (6, "CAD", Decimal("134.325"))
    assert earned.frozen.rates == {("EUR", "CAD"): Decimal("1.4925")}


def test_a_revision_uses_the_frozen_rate_and_only_the_rates_used_are_frozen() -> None:
    terms = contract(rule(currency="CAD"))
    first = award(decided(stay(rates={("EUR", "CAD"): Decimal("1.5"), ("EUR", "USD"): Decimal(1)}), terms))
    assert first.frozen.rates == {("EUR", "CAD"): Decimal("1.5")}
    later = stay(item("a"), rebate("b", of="a"), rates={("EUR", "CAD"): Decimal("9.9")})
    again = award(decided(later, terms, first.frozen))
    assert (again.miles, again.frozen) == (135, first.frozen)


def test_a_revision_takes_a_rate_for_a_currency_that_was_not_there_before() -> None:
    frozen = award(decided()).frozen
    assert not decided().explanation["revision"]
    assert decided(frozen=frozen).explanation["revision"]
    grown = stay(item("a"), item("b", currency="USD"), rates={("USD", "EUR"): Decimal("0.9")})
    revised = award(decided(grown, frozen=frozen))
    assert (revised.miles, revised.frozen.rates) == (190, {("USD", "EUR"): Decimal("0.9")})


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"memberships": ()}, {}),
        ({"memberships": (membership(state="Canceled"),)}, {}),
        ({"memberships": (membership(number="80085102028"),)}, {}),
        ({}, {"start": date(2027, 6, 1)}),
        ({}, {"max_age": timedelta(days=1)}),
        ({}, {"location_keys": frozenset()}),
    ],
)
def test_what_was_awarded_is_not_taken_back_because_time_or_settings_moved_on(
    changes: dict[str, Any], terms: dict[str, Any]
) -> None:
    frozen = award(decided()).frozen
    revised = award(decided(stay(**changes), contract(**terms), frozen))
    assert (revised.miles, revised.member_number, revised.membership_id) == (100, MEMBER, "m-1")


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (stay(item("a"), rebate("b", of="a", gross="-100")), ("excluded", "no_rule")),
        (stay(reservation=reservation(state="Canceled")), ("excluded", "not_processed")),
        (stay(reservation=reservation(state="Started")), ("waiting", "not_processed")),
        (stay(reservation=reservation(account_type="Company")), ("excluded", "company_owner")),
    ],
)
def test_a_revision_sees_what_changed_in_mews(of: Stay, expected: tuple[str, str]) -> None:
    assert outcome(decided(of, frozen=award(decided()).frozen)) == expected


def test_the_membership_is_judged_anew_where_the_frozen_one_was_given_up() -> None:
    frozen = replace(award(decided()).frozen, membership_id=None, member_number=None)
    corrected = stay(memberships=(membership(id="m-7", number="992001234567897"),))
    assert award(decided(corrected, frozen=frozen)).member_number == "992001234567897"


def test_the_tier_is_frozen_with_the_first_award() -> None:
    terms = contract(tier_program="ALPEN")
    gold = membership(id="m-3", program_code="ALPEN", tier_code="GOLD")
    first = award(decided(stay(memberships=(membership(), gold)), terms))
    assert first.frozen.tier == "GOLD"
    demoted = stay(memberships=(membership(), replace(gold, tier_code="SILVER")))
    assert award(decided(demoted, terms, first.frozen)).frozen.tier == "GOLD"


def test_an_amount_that_is_no_number_is_for_a_person() -> None:
    for gross in ("NaN", "Infinity", "1E+999999", "1E-999999", "sNaN"):
        assert outcome(decided(stay(replace(item(), gross=Decimal(gross))))) == (
            "suspended",
            "amount_unreadable",
        )
    broken_rate = stay(item(currency="CHF"), rates={("CHF", "EUR"): Decimal("NaN")})
    assert outcome(decided(broken_rate)) == ("suspended", "amount_unreadable")


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_rate_of_nothing_is_no_rate(rate: str) -> None:
    of = stay(item(currency="CHF"), rates={("CHF", "EUR"): Decimal(rate)})
    assert decided(of).text == "no exchange rate CHF→EUR"


def test_the_explanation_shows_every_item_every_rule_and_the_arithmetic() -> None:
    folio = (item("a", "80.50"), rebate("b", of="a"), item("t", "3", type="CityTax"))
    rules = (rule(per=Decimal(2), bonus=5, cap_stay=30), rule(name="promo", min_nights=4))
    explanation = decided(stay(*folio), contract(*rules)).explanation
    base, promo = explanation["rules"]  # type: ignore[misc]
    told = [(each["id"], each["counted"], each["why"], each["amount"]) for each in base["items"]]
    assert told == [
        ("a", True, "listed", "80.50"),
        ("b", True, "follows_a_counted_item", "-10.00"),
        ("t", False, "type_not_listed", "3"),
    ]
    assert (base["base"], base["per"], base["quantity"], base["bonus"], base["miles"]) == (
        *("70.50", "2", "35.25", 5, "40.25"),
    )
    assert promo["against"] == {"min_nights": "2 nights, the rule wants 4"}
    assert explanation["arithmetic"] == {
        "sum": "40.25",
        "floor": 40,
        "cap": {"rule": "base", "miles": 30, "over_cap": "truncate"},
        "miles": 30,
    }
    assert explanation["membership"] == {"id": "m-1", "number": "***********8601", "warning": ""}
    assert (explanation["departure"], explanation["nights"]) == ("2026-12-12", 2)


def test_the_explanation_of_a_waiting_stay_shows_what_is_open() -> None:
    of = stay(item("a"), item("b", state="Open"))
    explanation = decided(of, contract(hold=Hold("settled"))).explanation
    assert explanation["hold"] == {"kind": "settled", "ended": None, "counting": {"a": "Closed", "b": "Open"}}
    assert explanation["rules"] == [{"name": "base", "applies": True, "against": {}}]


@pytest.mark.parametrize("number", [MEMBER, "4111111111111111", "12345678", "9920 0366 9288 601"])
def test_no_explanation_or_text_holds_a_member_number(number: str) -> None:
    decision = decided(stay(memberships=(membership(number=number),)))
    told = json.dumps(decision.explanation) + decision.text + decision.reason
    assert number not in told
    assert MEMBER not in told


def test_an_early_departure_shortens_the_nights_that_earn() -> None:
    early = stay(reservation=reservation(actual_end=ARRIVAL + timedelta(hours=20)))
    assert award(decided(early, contract(rule(basis="night", miles=Decimal(250))))).miles == 250
