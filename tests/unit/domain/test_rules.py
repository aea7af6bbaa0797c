from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.domain.rules import Rule
from tests.unit.domain.stay_makers import contract, rule

CHOICES = ("categories", "services", "revenue_types", "rates", "rate_groups", "segments", "origins", "sources")


def test_the_fingerprint_of_a_rule_never_changes_between_versions() -> None:
    """Awards are frozen with it: a new recipe would cut every award off from its rules."""
    plain = Rule(basis="spend", miles=Decimal(1))
    assert plain.fingerprint() == "20ae1d242764556e4333e87962cdce3e8489e4a5711ac388c5015560b5436727"
    rich = Rule(
        basis="night",
        miles=Decimal("2.5"),
        per=Decimal("20.00"),
        currency="CAD",
        amount="net",
        items=frozenset({"SpaceOrder", "ProductOrder"}),
        departure_from=date(2026, 1, 1),
        zero_rate=True,
        cap_stay=1000,
    )
    assert rich.fingerprint() == "2d9d6a202d54b82a3ea55b9e3542a2ef40aa445a173f72c20daa02ec40f2be06"


def test_labels_and_ways_of_writing_do_not_change_a_fingerprint() -> None:
    written = rule(per=Decimal("1.00"), name="base", description="Base miles")
    assert written.fingerprint() == rule(per=Decimal(1), name="renamed").fingerprint()


def test_steps_are_hashed_by_what_they_say() -> None:
    written = rule(tiers=((Decimal("100.00"), Decimal("1.50")), (Decimal(0), Decimal("1.0"))))
    same = rule(tiers=((Decimal(100), Decimal("1.5")), (Decimal(0), Decimal(1))))
    other = rule(tiers=((Decimal(100), Decimal(1)), (Decimal(0), Decimal("1.5"))))
    assert written.fingerprint() == same.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"basis": "night"},
        {"priority": 9},
        {"stop": True},
        {"miles": Decimal(2)},
        {"per": Decimal(2)},
        {"tiers": ((Decimal(0), Decimal(1)),)},
        {"currency": "CAD"},
        {"amount": "net"},
        {"items": frozenset({"SpaceOrder"})},
        {"exclude_items": frozenset({"SpaceOrder"})},
        {"tier_bonus": (("GOLD", Decimal(2)),)},
        {"multipliers": ((date.min, date.max, Decimal(2)),)},
        {"bonus": 1},
        {"min_nights": 1},
        {"min_spend": Decimal("0.01")},
        {"cap_stay": 1},
        {"cap_day": 1},
        {"cap_year": 1},
        {"over_cap": "refuse"},
        {"travel_agencies": "none"},
        {"companies": "none"},
        {"blocks": "none"},
        {"exclude_classifications": frozenset({"Staff"})},
        {"properties": frozenset({"wien"})},
        {"zero_rate": True},
        {"offer_code": "BONUS"},
        {"departure_from": date(2026, 1, 1)},
        {"departure_to": date(2026, 1, 1)},
        *({name: date(2026, 1, 1)} for name in ("arrival_from", "arrival_to", "booked_from", "booked_to")),
        *({name: frozenset({"x"})} for name in ("weekdays", "agency_ids", "company_ids", "block_ids")),
        *({name: frozenset({"x"})} for each in CHOICES for name in (each, f"exclude_{each}")),
    ],
)
def test_whatever_changes_the_miles_changes_the_fingerprint(change: dict[str, object]) -> None:
    assert rule(**change).fingerprint() != rule().fingerprint()


def test_a_name_with_a_comma_is_not_two_names() -> None:
    one, two = rule(rates=frozenset({"Room, breakfast"})), rule(rates=frozenset({"Room", " breakfast"}))
    assert one.fingerprint() != two.fingerprint()


def test_a_contracts_fingerprint_is_that_of_its_rules_in_any_order() -> None:
    one, two = rule(), rule(basis="stay")
    assert contract(one, two).fingerprint() == contract(two, one).fingerprint()
    assert contract(one).fingerprint() != contract(one, two).fingerprint()
    assert contract(one, number_check="off", start=None).fingerprint() == contract(one).fingerprint()


def test_the_order_of_rules_is_part_of_the_fingerprint_where_it_can_change_the_miles() -> None:
    last, first = rule(basis="stay"), rule(stop=True)
    assert contract(first, last).fingerprint() != contract(last, first).fingerprint()
    first = rule(stop=True, priority=1)
    assert contract(first, last).fingerprint() == contract(last, first).fingerprint()
