"""Under which offer codes the miles of an award are issued."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.decision import Earned, decide
from connector.domain.shares import added, by_code, less, shares
from tests.unit.domain.stay_makers import NOW, contract, item, rule, stay


def parts(*given: tuple[str, Any]) -> list[tuple[str, Fraction]]:
    return [(code, Fraction(miles)) for code, miles in given]


@pytest.mark.parametrize(
    ("found", "miles", "expected"),
    [
        (parts(("", 10), ("B", 5)), 15, (("", 10), ("B", 5))),
        (parts(("B", 5), ("", 10)), 15, (("", 10), ("B", 5))),  # the partner's own is first
        (parts(("", "10.6"), ("B", "5.5")), 16, (("", 11), ("B", 5))),  # what rounding leaves over is the first's
        (parts(("B", "0.5"), ("A", "0.5")), 1, (("B", 1),)),
        (parts(("", 0), ("B", "1.5"), ("A", "1.5")), 3, (("B", 2), ("A", 1))),  # nothing takes nothing
        (parts(("B", 2), ("", 1), ("B", 3)), 6, (("", 1), ("B", 5))),  # two rules under one code
        (parts(("", 10), ("B", 5), ("C", 4)), 13, (("", 10), ("B", 3))),  # a cap cuts from the last
        (parts(("", 10), ("B", 5)), 8, ()),  # and what is left is all the partner's own
        (parts(("B", 5)), 5, (("B", 5),)),
        (parts(("", 10), ("", "0.5")), 10, ()),
        (parts(("B", "0.5")), 0, ()),
        ([], 0, ()),
    ],
)
def test_shares_are_whole_and_follow_the_miles_of_the_award(found: Any, miles: int, expected: Any) -> None:
    assert shares(found, miles) == expected


exact = st.lists(
    st.tuples(st.sampled_from(["", "A", "B"]), st.fractions(min_value=0, max_value=500, max_denominator=60))
)


@given(found=exact, kept=st.integers(0, 1500))
def test_shares_add_up_to_the_miles_whatever_the_rules_give(found: list[tuple[str, Fraction]], kept: int) -> None:
    floor = int(sum((each for _, each in found), Fraction(0)))
    miles = min(floor, kept)
    told = by_code((shares(found, miles), miles))
    assert sum(told.values()) == miles
    assert all(each > 0 for _, each in shares(found, miles))
    assert all(each < sum(miles for code, miles in found if code == name) + 3 for name, each in told.items() if each)


def test_awards_that_are_one_have_the_shares_of_both() -> None:
    assert added([((("", 10), ("B", 5)), 15), ((), 7), ((("C", 1), ("B", 2)), 3)]) == (("", 17), ("B", 7), ("C", 1))
    assert added([((), 7), ((), 3)]) == ()


def test_what_is_not_said_yet_is_what_each_code_has_more_than_was_said() -> None:
    assert less(((("", 17), ("B", 7)), 24), [((("", 10), ("B", 5)), 15)]) == (("", 7), ("B", 2))
    assert less(((("", 17), ("B", 7)), 24), [((), 17)]) == (("B", 7),)
    assert less(((), 17), [((), 10)]) == ()
    assert less(((), 17), []) == ()


def test_miles_that_left_a_code_are_no_difference() -> None:
    assert less(((("", 20), ("B", 2)), 22), [((("", 10), ("B", 5)), 15)]) is None
    assert less(((), 22), [((("B", 5),), 5)]) is None


class TestOfAStay:
    BONUS = rule(name="spa", offer_code="SPA", basis="night", miles=Decimal("1.5"))

    def earned(self, *rules: Any, gross: str = "100.90") -> Earned:
        decision = decide(stay(item(gross=gross)), contract(*rules), NOW)
        assert decision.award is not None, decision.text
        return decision.award

    def test_a_rule_s_miles_are_issued_under_its_own_code(self) -> None:
        award = self.earned(rule(), self.BONUS)
        assert (award.miles, award.shares) == (103, (("", 100), ("SPA", 3)))

    def test_a_rule_that_does_not_apply_has_no_share(self) -> None:
        assert self.earned(rule(), rule(offer_code="LONG", min_nights=9)).shares == ()

    def test_an_offer_code_does_not_change_the_miles(self) -> None:
        coded, plain = rule(per=Decimal(7), offer_code="A"), rule(per=Decimal(7))
        for cap in (0, 9):
            capped = rule(basis="stay", miles=Decimal("1.9"), cap_stay=cap)
            assert self.earned(coded, capped).miles == self.earned(plain, capped).miles

    def test_a_cap_takes_the_bonus_first(self) -> None:
        award = self.earned(rule(cap_stay=101), self.BONUS)
        assert (award.miles, award.shares) == (101, (("", 100), ("SPA", 1)))
        assert self.earned(rule(cap_stay=99), self.BONUS).shares == ()
