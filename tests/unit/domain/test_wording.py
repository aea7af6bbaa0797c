"""An explanation in words: a person with a pocket calculator finds every step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.domain import wording
from connector.domain.caps import Given
from connector.domain.contract import Hold
from connector.domain.decision import decide
from connector.domain.folio import Why
from connector.domain.offers import OptIn
from connector.domain.rules import Rule
from connector.domain.stays import Stay
from connector.domain.stitching import join
from tests.unit.domain.stay_makers import MEMBER, NOW, contract, item, membership, rebate, reservation, rule, stay


def told(of: Stay, *rules: Rule, **terms: Any) -> list[str]:
    decision = decide(of, contract(*rules, **terms), NOW)
    return list(wording.lines(json.loads(json.dumps(decision.explanation))))


def test_every_step_from_the_items_to_the_miles_is_there() -> None:
    folio = stay(
        item("i-1", "100.00"),
        rebate("i-2", "i-1", "-12.50"),
        item("i-3", "9.00", type="CityTax"),
        item("i-4", "50.00", currency="CHF"),
        rates={("CHF", "EUR"): Decimal("1.05")},
    )
    lines = told(folio, rule(per=Decimal("7.00"), miles=Decimal(3), bonus=5))
    assert lines == [
        "departed 2026-12-12 after 2 nights, wien",
        "hold none: ended 2027-01-01 10:00Z",
        f"credited to ***********{MEMBER[-4:]}",
        "rule base: EUR 140.0000 ÷ 7.00 = 20; × 3 + 5 = 65 miles",
        "  SpaceOrder       EUR     100.00  counts",
        "  NightRebate      EUR     -12.50  counts, as the item does that it lowers",
        "  CityTax          EUR       9.00  does not count: the rule does not list its type",
        "  SpaceOrder       CHF      50.00 × 1.05 = EUR 105/2 (about 52.5000)  counts",
        "  together EUR 140.0000 gross",
        "together 65, rounded down: 65 miles",
    ]


def test_an_amount_has_no_single_decimal() -> None:
    lines = told(stay(item("i-1", "100.5"), item("i-2", "45.0", type="CityTax"), item("i-3", "7")), rule())
    assert "  SpaceOrder       EUR     100.50  counts" in lines
    assert "  CityTax          EUR      45.00  does not count: the rule does not list its type" in lines
    assert "  SpaceOrder       EUR          7  counts" in lines
    assert "  together EUR 107.50 gross" in lines


def test_a_fraction_is_also_told_as_decimals_and_a_cap_by_its_rule() -> None:
    lines = told(stay(item(gross="100.00")), rule(per=Decimal("7.00"), cap_stay=10))
    assert "rule base: EUR 100.00 ÷ 7.00 = 100/7 (about 14.2857); × 1 = 100/7 (about 14.2857) miles" in lines
    assert lines[-1] == (
        "together 100/7 (about 14.2857), rounded down: 14 miles; at most 10 by rule base, more is cut: 10 miles"
    )


def test_a_cap_that_other_stays_share_says_what_they_gave() -> None:
    given = Given({MEMBER: {"other": (date(2026, 12, 12), 70), "earlier": (date(2026, 2, 1), 500)}})
    both = rule(cap_day=100, cap_year=1000)
    decision = decide(stay(), contract(both), NOW, given=given)
    assert list(wording.lines(decision.explanation))[-1] == (
        "together 100, rounded down: 100 miles; other stays of the day: 70; other stays of the year: 570; "
        "at most 100 a day by rule base, more is cut: 30 miles"
    )


def test_a_rule_with_an_offer_code_is_told_with_the_miles_that_are_issued_under_it() -> None:
    lines = told(
        stay(item(gross="100.50")), rule(), rule(name="spa", offer_code="SPA", basis="night", miles=Decimal(2))
    )
    assert "rule spa: 2 nights; × 2 = 4 miles under offer code SPA" in lines
    assert lines[-1] == "100 miles under the partner's own offer code; 4 miles under offer code SPA"


def test_a_rule_that_does_not_apply_says_why() -> None:
    lines = told(stay(), rule(name="long", min_nights=9), rule())
    assert "rule long: does not apply: 2 nights, the rule wants 9" in lines


def test_steps_are_told_one_by_one() -> None:
    steps = rule(tiers=((Decimal("80.00"), Decimal("2.00")), (Decimal(0), Decimal("1.00"))))
    assert "rule base: EUR 80.00 ÷ 2.00 + EUR 20.00 ÷ 1.00 = 60; × 1 = 60 miles" in told(stay(), steps)
    ended = rule(tiers=((Decimal("80.00"), Decimal("2.00")),))
    assert "rule base: EUR 80.00 ÷ 2.00 (and EUR 20.00 beyond the last step) = 40; × 1 = 40 miles" in told(
        stay(), ended
    )
    nothing = stay(item("i-1", "10.00"), rebate("i-2", "i-1", "-12.00"))
    assert "rule base: EUR 0 = 0; × 1 + 7 = 7 miles" in told(nothing, replace(steps, zero_rate=True, bonus=7))


def test_each_factor_has_its_reason() -> None:
    dated = ((date(2026, 12, 1), date(2026, 12, 31), Decimal("2")), (date(2026, 12, 12), date.max, Decimal("1.5")))
    gold = rule(tier_bonus=(("GOLD", Decimal("1.25")),), multipliers=dated, bonus=5)
    members = (membership(), membership(id="m-2", program_code="ALPEN", tier_code="GOLD", is_primary=False))
    lines = told(stay(memberships=members), gold, tier_program="ALPEN")
    assert (
        "rule base: EUR 100.00 ÷ 1 = 100; × 1 × 1.25 (tier GOLD) × 2 (departed from 2026-12-01 to 2026-12-31) "
        "× 1.5 (departed from 2026-12-12) + 5 = 380 miles"
    ) in lines
    without = told(stay(), gold, tier_program="ALPEN")
    assert any("× 1 × 1 (without a tier) × 2" in line for line in without)


def test_a_rule_that_was_stopped_says_by_which() -> None:
    lines = told(stay(), rule(name="late", priority=11), rule(name="first", stop=True))
    assert [each for each in lines if each.startswith("rule ")] == [
        "rule first: EUR 100.00 ÷ 1 = 100; × 1 = 100 miles",
        "rule late: does not apply: rule first applies, and no rule after it",
    ]


def test_a_folio_below_nothing_is_said_to_count_as_nothing() -> None:
    lines = told(stay(item("i-1", "10.00"), rebate("i-2", "i-1", "-12.00")), rule(zero_rate=True))
    assert "  together EUR 0 gross (less than nothing counts as nothing)" in lines


def test_an_open_hold_tells_what_it_waits_for() -> None:
    lines = told(stay(item(state="Open")), hold=Hold("settled"), settle_timeout=timedelta(days=90))
    assert "hold settled: not ended yet, 1 counting items are open" in lines


def test_what_later_versions_add_is_told_by_its_own_name() -> None:
    explanation = json.loads(json.dumps(decide(stay(), contract(), NOW).explanation))
    explanation["seat"] = "owner"
    explanation["rules"][0] |= {"weather_bonus": "1.25", "miles": "125"}
    lines = list(wording.lines(explanation))
    assert "rule base: EUR 100.00 ÷ 1 = 100; × 1, with what is told below = 125 miles" in lines
    assert "  weather bonus: 1.25" in lines
    assert lines[-1] == "seat: owner"


@pytest.mark.parametrize("why", list(Why))
def test_every_verdict_on_an_item_has_its_words(why: Why) -> None:
    assert why in wording.WHY


def test_nights_on_some_weekdays_are_told_with_these() -> None:
    lines = told(stay(), rule(basis="night", miles=Decimal(250), weekdays=frozenset({"Friday", "Monday"})))
    assert "rule base: 1 night on Monday, Friday; × 250 = 250 miles" in lines


def test_a_stay_of_several_reservations_names_them_and_what_each_gives() -> None:
    second = stay(item("i-2", reservation_id="r-2"), reservation=reservation(id="r-2", agency_id="agency"))
    lines = told(join([stay(), second], stay().reservation), rule(travel_agencies="none"))
    assert "one stay of r-1 (2 nights, departed 2026-12-12), r-2 (2 nights, departed 2026-12-12)" in lines
    assert "  SpaceOrder       EUR     100.00  does not count: the rule does not take its reservation" in lines


@pytest.mark.parametrize(
    ("opt_in", "words"),
    [
        (OptIn(opted_in=True, at=NOW - timedelta(days=30)), "opted in 2026-12-02 10:00Z"),
        (OptIn(opted_in=True), "opted in, at a time that is not told"),
        (OptIn(opted_in=False), "not opted in"),
    ],
)
def test_an_offer_is_told_with_the_opt_in_and_until_when_it_counts(opt_in: OptIn, words: str) -> None:
    asked = replace(stay(item()), opt_ins={MEMBER: {"spring": opt_in}})
    assert f"offer spring: {words}; check-out 2026-12-12 10:00Z" in told(asked, rule(offer="spring"))
