"""The most miles of a stay, a day and a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.caps import Given, Others
from connector.domain.decision import Decision, decide
from connector.domain.earning import Sum, add_up, apply
from connector.domain.money import Exchange
from tests.unit.domain.stay_makers import MEMBER, NOW, contract, item, membership, rule, stay
from tests.unit.domain.test_earning import facts

DAY = date(2026, 12, 12)
OTHER = "992000000000004"


def capped(others: Others, *caps: dict[str, Any]) -> Sum:
    """Add up a rule that gives 100 miles, and the caps of rules that give none."""
    rules = [rule(), *(rule(miles=Decimal(0), **terms) for terms in caps)]
    return add_up([apply(each, {}, facts(), Exchange({})) for each in rules], others)


@pytest.mark.parametrize(
    ("caps", "miles"),
    [
        ([{"cap_day": 750}], 50),
        ([{"cap_day": 800}], 100),
        ([{"cap_day": 700}], 0),
        ([{"cap_day": 600}], 0),
        ([{"cap_year": 930}], 30),
        ([{"cap_year": 930, "cap_day": 720, "cap_stay": 99}], 20),
        ([{"cap_year": 930}, {"cap_day": 900}, {"cap_stay": 10}], 10),
        ([{"cap_day": 750, "over_cap": "refuse"}], 0),
        ([{"cap_day": 800, "over_cap": "refuse"}], 100),
        ([{"cap_day": 750}, {"cap_year": 950, "over_cap": "refuse"}], 0),
        ([{"cap_stay": 40}, {"cap_year": 950, "over_cap": "refuse"}], 40),
    ],
)
def test_the_cap_that_leaves_least_holds(caps: list[dict[str, Any]], miles: int) -> None:
    assert capped(Others(day=700, year=900), *caps).miles == miles


class TestWhatOthersGive:
    known = Given(
        {
            MEMBER: {
                "own": (DAY, 1),
                "same day": (DAY, 20),
                "same year": (date(2026, 1, 1), 300),
                "next year": (date(2027, 1, 1), 4000),
            },
            OTHER: {"of another": (DAY, 50_000)},
        },
        own="own",
    )

    def test_is_that_of_the_same_member_day_and_year_without_the_award_itself(self) -> None:
        assert self.known.beside(MEMBER, DAY) == Others(day=20, year=320)
        assert self.known.beside(MEMBER, date(2027, 3, 1)) == Others(day=0, year=4000)
        assert self.known.beside("nobody", DAY) == Others()


class TestADecision:
    daily = contract(rule(cap_day=120))
    before = Given({MEMBER: {"other": (DAY, 50)}})

    def decided(self, given: Given | None = None, gross: str = "100.00", **more: Any) -> Decision:
        return decide(stay(item(gross=gross)), self.daily, NOW, given=given, **more)

    def test_leaves_to_the_stay_what_the_others_left_and_tells_it(self) -> None:
        decision = self.decided(self.before)
        assert decision.award
        assert decision.award.miles == 70
        assert decision.explanation["arithmetic"] == {
            "sum": "100",
            "floor": 100,
            "cap": {"rule": "base", "miles": 120, "over_cap": "truncate", "per": "day", "others": 50},
            "others": {"day": 50},
            "miles": 70,
        }
        assert self.decided().award.miles == 100  # type: ignore[union-attr]

    def test_goes_by_the_canonical_number(self) -> None:
        spaced = stay(memberships=(membership(number="9920 0366 9288 601"),))
        award = decide(spaced, self.daily, NOW, given=self.before).award
        assert award
        assert award.miles == 70

    def test_excludes_a_stay_for_which_nothing_is_left(self) -> None:
        full = self.decided(Given({MEMBER: {"other": (DAY, 120)}}))
        assert (full.status, full.reason) == ("excluded", "over_cap")
        assert full.text == "100 miles are more than the 0 that other stays of the member leave of the cap per day"
        refusing = contract(rule(cap_day=120, over_cap="refuse"))
        assert decide(stay(), refusing, NOW, given=self.before).text == (
            "100 miles are more than the 70 that other stays of the member leave of the cap per day, "
            "and the rule refuses more"
        )
        assert decide(stay(), contract(rule(cap_stay=90, over_cap="refuse")), NOW).text == (
            "100 miles are more than the 90 of the cap per stay, and the rule refuses more"
        )

    def test_does_not_gain_by_what_another_stay_lost(self) -> None:
        first = self.decided(self.before).award
        assert first is not None
        again = self.decided(Given(), frozen=first.frozen).award
        assert again == first

    def test_loses_what_was_given_to_others_since(self) -> None:
        first = self.decided(self.before).award
        assert first is not None
        later = self.decided(Given({MEMBER: {"other": (DAY, 90)}}), frozen=first.frozen).award
        assert later
        assert (later.miles, later.frozen) == (30, first.frozen)

    def test_for_another_member_counts_only_what_that_one_is_given(self) -> None:
        first = self.decided(self.before).award
        assert first is not None
        given_up = replace(first.frozen, membership_id=None, member_number=None)
        moved = stay(memberships=(membership(number=OTHER),))
        award = decide(moved, self.daily, NOW, given_up, Given({OTHER: {"x": (DAY, 30)}})).award
        assert award is not None
        assert (award.member_number, award.miles, award.frozen.others) == (OTHER, 90, Others(30, 30))

    def test_looks_at_no_other_stay_where_no_rule_asks(self) -> None:
        award = decide(stay(), contract(rule(cap_stay=80)), NOW, given=self.before).award
        assert award
        assert (award.miles, award.frozen.others) == (80, Others())
        assert "others" not in decide(stay(), contract(), NOW, given=self.before).explanation["arithmetic"]  # type: ignore[operator]

    def test_does_not_count_the_cap_of_a_rule_that_does_not_apply(self) -> None:
        elsewhere = contract(rule(), rule(name="x", cap_day=1, properties=frozenset({"montreal"})))
        award = decide(stay(), elsewhere, NOW, given=self.before).award
        assert award
        assert award.miles == 100
