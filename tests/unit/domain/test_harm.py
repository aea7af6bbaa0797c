"""The harm guard: its arithmetic, its words, and the id of what is confirmed."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.harm import Limits, PlanId, Verdict, judge, plan_id

DEFAULTS = Limits(50, 0.02, 0.10)
SHARES = st.decimals(0, 1, places=3)
ITEMS = st.lists(st.tuples(st.text(max_size=3), st.sampled_from("rd"), st.text(max_size=3)), max_size=6)


def verdict(
    *,
    removals: int = 0,
    changes: int = 0,
    removed: int = 0,
    changed: int = 0,
    managed: int = 1000,
    limits: Limits = DEFAULTS,
) -> Verdict:
    return judge(
        removals_planned=removals,
        changes_planned=changes,
        removed_last_24h=removed,
        changed_last_24h=changed,
        managed=managed,
        limits=limits,
    )


class TestLimits:
    @pytest.mark.parametrize(
        ("managed", "expected"), [(0, 1), (10, 1), (99, 1), (100, 2), (1000, 20), (2500, 50), (99_999, 50)]
    )
    def test_removals_are_bounded_by_share_and_by_number(self, managed: int, expected: int) -> None:
        assert DEFAULTS.removals(managed) == expected

    @pytest.mark.parametrize(("managed", "expected"), [(0, 1), (9, 1), (29, 2), (99_999, 9_999)])
    def test_changes_are_bounded_by_share_only(self, managed: int, expected: int) -> None:
        assert DEFAULTS.changes(managed) == expected

    def test_a_share_means_what_its_digits_say(self) -> None:
        assert Limits(1000, 0.29, 0.57).removals(100) == 29
        assert Limits(1000, 0.29, 0.57).changes(100) == 57

    def test_no_removals_at_all_can_be_asked_for(self) -> None:
        assert Limits(0, 0.02, 0.1).removals(100_000) == 0

    @given(st.integers(0, 10_000), SHARES, SHARES, st.integers(0, 2_000_000))
    def test_the_bounds_are_exact(self, most: int, removals: Decimal, changes: Decimal, managed: int) -> None:
        limits = Limits(most, float(removals), changes)
        assert limits.removals(managed) == min(most, max(1, math.floor(Fraction(removals) * managed)))
        assert limits.changes(managed) == max(1, math.floor(Fraction(changes) * managed))


class TestJudge:
    def test_a_plan_at_its_limits_is_allowed(self) -> None:
        assert verdict(removals=20, changes=100) == Verdict(allowed=True)

    def test_one_removal_more_is_refused_and_said(self) -> None:
        refused = verdict(removals=21)
        assert (refused.allowed, refused.which) == (False, ("removals",))
        assert refused.sentence == (
            "21 removals planned and 0 made in the last 24 hours, but at most 20 pass unconfirmed."
        )

    def test_one_change_more_is_refused_by_name(self) -> None:
        assert verdict(changes=101).which == ("changes",)

    def test_both_limits_are_named_when_both_break(self) -> None:
        assert verdict(removals=21, changes=101).which == ("removals", "changes")

    def test_what_was_done_in_the_last_day_counts(self) -> None:
        assert verdict(removals=5, removed=15).allowed
        assert not verdict(removals=5, removed=16).allowed
        assert not verdict(changes=1, changed=100).allowed

    def test_a_harmless_plan_goes_on_after_a_confirmed_large_one(self) -> None:
        assert verdict(removed=500, changed=500).allowed


class TestPlanId:
    def test_it_never_changes_for_the_same_harm(self) -> None:
        assert plan_id([("ms-1", "removal", "State=Canceled")]) == "7d4abefc379a"

    def test_nothing_to_confirm_has_no_id(self) -> None:
        assert plan_id([]) == ""

    @given(ITEMS, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(self, items: list[tuple[str, str, str]], random: object) -> None:
        shuffled = list(items)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert plan_id(shuffled) == plan_id(items)

    @given(ITEMS, st.tuples(st.text(max_size=3), st.just("r"), st.text(max_size=3)))
    def test_one_more_harm_is_another_plan(self, items: list[tuple[str, str, str]], more: tuple[str, str, str]) -> None:
        assert plan_id([*items, more]) != plan_id(items)
        assert plan_id([*items, more, more]) != plan_id(items)

    def test_another_outcome_is_another_plan(self) -> None:
        assert plan_id([("ms", "downgrade", "t-a")]) != plan_id([("ms", "downgrade", "t-b")])

    def test_the_same_harm_twice_does_not_cancel_out(self) -> None:
        one, other = ("a", "removal", ""), ("b", "removal", "")
        assert plan_id([one, one]) != plan_id([other, other])

    def test_it_grows_one_by_one(self) -> None:
        grown = PlanId()
        grown.add("b", "removal", "")
        grown.add("a", "removal", "")
        assert str(grown) == plan_id([("a", "removal", ""), ("b", "removal", "")])
