"""Where one thing ends and the next begins: the very moment, mile, digit or day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, Inexact
from fractions import Fraction

import pytest

from connector.domain import gates
from connector.domain.access import Reach, faults
from connector.domain.caps import counts_others
from connector.domain.incidents import is_silent
from connector.domain.ledger import State
from connector.domain.loyalty import Membership, Tier
from connector.domain.matching import Hasher
from connector.domain.members import Member
from connector.domain.money import exact, plus, told
from connector.domain.outliers import Bounds, is_outlier, usual
from connector.domain.partner_numbers import Known, PartnerProgram, judge
from connector.domain.quiet import QuietHours
from connector.domain.reconciliation import Figures
from connector.domain.ruling import Status
from connector.domain.shares import less
from connector.domain.standing import Standing
from connector.domain.statement import Booked, Stated, best, discreet
from connector.domain.stays import Holder
from connector.domain.tiers import Tiers
from tests.unit.domain.stay_makers import NOW, contract, rule, stay

DAY = timedelta(days=1)


class TestMoney:
    def test_has_two_hundred_digits_at_most(self) -> None:
        assert len(plus(Decimal("1e100"), Decimal("1e-99")).as_tuple().digits) == 200
        with pytest.raises(Inexact):
            plus(Decimal("1e100"), Decimal("1e-100"))

    def test_is_exact_or_an_error(self) -> None:
        with exact(), pytest.raises(ArithmeticError):
            _ = Decimal(1) / Decimal(3)

    @pytest.mark.parametrize(
        ("number", "words"),
        [("1/25", "0.04"), ("3/8", "0.375"), ("7", "7"), ("1/3", "1/3"), ("1/15", "1/15"), ("21/10", "2.1")],
    )
    def test_is_told_with_decimals_where_they_end(self, number: str, words: str) -> None:
        assert told(Fraction(number)) == words


class TestAnOutlier:
    def test_needs_seven_days_with_miles(self) -> None:
        assert usual([1] * 7 + [0] * 21) == 1
        assert usual([1] * 6 + [0] * 22) is None

    def test_is_above_its_bounds(self) -> None:
        days = [100] * 7
        assert [is_outlier(miles, days, Bounds(factor=3)) for miles in (300, 301)] == [False, True]
        assert [is_outlier(miles, days, Bounds(3, 500)) for miles in (500, 501)] == [False, True]
        assert not is_outlier(1000, days, Bounds())


class TestSilence:
    def test_is_known_from_twenty_moments_on(self) -> None:
        long_ago = NOW - 60 * DAY
        assert [is_silent(moments, long_ago, NOW, DAY) for moments in (19, 20)] == [False, True]

    def test_is_not_known_without_a_moment(self) -> None:
        assert not is_silent(50, None, NOW, DAY)

    def test_lasts_longer_than_twenty_usual_gaps(self) -> None:
        gaps = 20 * timedelta(days=28) / 56
        assert [is_silent(56, NOW - gap, NOW, DAY) for gap in (gaps, gaps + timedelta(seconds=1))] == [False, True]


class TestQuietHours:
    def at(self, hours: QuietHours, clock: time) -> datetime | None:
        return hours.end_after(datetime.combine(date(2026, 12, 10), clock, UTC))

    def test_begin_at_their_first_moment_and_end_before_their_last(self) -> None:
        night = QuietHours(time(22), time(6))
        assert self.at(night, time(22)) == datetime(2026, 12, 11, 6, tzinfo=UTC)
        assert self.at(night, time(5, 59)) == datetime(2026, 12, 10, 6, tzinfo=UTC)
        assert self.at(night, time(6)) is None
        assert self.at(night, time(21, 59)) is None

    def test_of_no_length_are_none(self) -> None:
        assert self.at(QuietHours(time(6), time(6)), time(6)) is None
        assert self.at(QuietHours(time(6), time(6)), time(12)) is None


class TestTokens:
    ONE: Mapping[str, str] = {"p1": "c1"}
    TWO: Mapping[str, str] = {"p1": "c1", "p2": "c1"}

    def test_over_two_properties_are_wide(self) -> None:
        assert len(faults({"all": Reach(self.TWO)})) == 1
        assert faults({"all": Reach(self.TWO, portfolio=True), "own": Reach(self.ONE)}) == []
        (own, both) = faults({"all": Reach(self.TWO), "more": Reach(self.TWO, portfolio=True)})
        assert "expected portfolio = true" in own
        assert "both reach property p1" in both

    def test_of_another_chain_are_told_whichever_they_are(self) -> None:
        chains = {"a": "c1", "b": "c2", "c": "c1", "d": "c3"}
        found = faults({table: Reach({f"p-{table}": chain}) for table, chain in chains.items()})
        assert [
            chain in each for chain, each in zip(("[mews.properties.b]", "[mews.properties.d]"), found, strict=True)
        ]


class TestPartnerNumbers:
    MILES = PartnerProgram("MM", "miles_and_more")

    def member(self, number: str | None, *, deleted: bool = False) -> Membership:
        return Membership("m", "a", "p", "Enrolled", is_primary=False, number=number, deleted=deleted)

    def test_an_account_number_is_one(self) -> None:
        found = judge(Known("A-1", "a", "992003669"), self.MILES, "p")
        assert getattr(found, "fields", {})["number"] == "992003669"

    def test_one_of_several_memberships_is_enough(self) -> None:
        both = (self.member("1"), self.member("992003669288601"), self.member(None))
        assert judge(Known("A-1", "a", "9920 0366 9288 601", both), self.MILES, "p") is None

    def test_a_deleted_membership_says_nothing_of_a_living_one(self) -> None:
        both = (self.member("992003669288601", deleted=True), self.member("1"))
        assert judge(Known("A-1", "a", "992003669288601", both), self.MILES, "p") is not None


class TestStatements:
    def booked(self, key: str, state: State, departure: date, answered: date | None = None) -> Booked:
        return Booked(key, state, 500, "992003669288601", "T-1", "4711", departure, answered)

    def test_what_was_given_stands_on_the_day_of_its_answer_and_the_rest_on_its_departure(self) -> None:
        first, second = date(2026, 10, 1), date(2026, 11, 1)
        assert self.booked("a", State.CREDITED, first, second).day == second
        assert self.booked("a", State.CREDITED, first).day == first
        assert self.booked("a", State.SHADOW, first, second).day == first
        assert [self.booked("a", each, first).counts for each in (State.SHADOW, State.TEST, State.VOID)] == [
            *(True, True, False)
        ]

    def test_of_two_alike_the_nearer_one_is_meant_and_without_a_day_the_first(self) -> None:
        near, far = (self.booked(key, State.CREDITED, date(2026, 10, day)) for key, day in (("b", 9), ("a", 1)))
        assert best(Stated(1, 500, day=date(2026, 10, 8)), [far, near], exact=True) is near
        assert best(Stated(1, 500), [near, far], exact=True) is far

    @pytest.mark.parametrize(
        ("word", "shown"), [("12345678", "12345678"), ("123456789", "******789"), ("T-12", "T-12"), ("Anna", "")]
    )
    def test_words_of_nine_digits_are_masked(self, word: str, shown: str) -> None:
        assert discreet(word) == shown


class TestFigures:
    def test_taken_away_leave_nothing(self) -> None:
        some = Figures(1, Decimal(2), Decimal(3), 4, 5, 6, 7, 8, 9, 10, 11)
        assert some + -some == Figures()
        assert (some.given, some.difference) == (-1, -17)


class TestShares:
    def test_that_were_said_under_another_code_are_too_many(self) -> None:
        assert less(((), 10), [((("A", 1),), 1)]) is None
        assert less(((("A", 5), ("B", 5)), 10), [((("A", 5),), 5)]) == (("B", 5),)
        assert less(((("A", 5),), 5), [((("A", 5),), 5)]) == ()


def test_one_rule_with_a_cap_on_days_or_years_is_enough_to_ask_about_other_stays() -> None:
    assert counts_others([rule(), rule(cap_day=5)])
    assert counts_others([rule(cap_year=5), rule()])
    assert not counts_others([rule(cap_stay=5)])


def test_no_miles_are_no_award_that_stands() -> None:
    assert not Standing.of(NOW, 0, []).gives
    assert Standing.of(NOW, 1, []).gives


class TestGates:
    def test_turn_away_whoever_does_not_want_partners_to_be_told(self) -> None:
        by = contract(opt_out=frozenset({"Private"}))
        open_, closed = Holder("a-1", frozenset({"Vip"})), Holder("a-1", frozenset({"Vip", "Private"}))
        assert gates.shared(stay(holder=open_), by) is None
        for holder in (closed, Holder("a-1", share=False)):
            ruling = gates.shared(stay(holder=holder), by)
            assert (ruling.status, ruling.reason) == (Status.EXCLUDED, "opted_out")  # type: ignore[union-attr]

    def test_turn_away_what_was_awarded_to_somebody_who_was_erased(self) -> None:
        ruling = gates.erased(stay(erased=frozenset({"miles_and_more"})), contract())
        assert (ruling.status, ruling.reason) == (Status.EXCLUDED, "erased")  # type: ignore[union-attr]
        assert gates.erased(stay(erased=frozenset({"other"})), contract()) is None


def test_a_tier_can_be_given_that_mews_has_once_and_the_configuration_keeps() -> None:
    tiers = [Tier(f"t{rank}", "p", code, code, rank) for rank, code in enumerate(("GOLD", "OLD", "TWICE", "TWICE"))]
    assert Tiers(tiers, gone={"OLD"}).givable == {"GOLD": "t0"}


def test_identifiers_are_told_apart_and_kept_as_digests_of_sixteen_bytes() -> None:
    hasher = Hasher(b"a key")
    assert hasher.loyalty_code("ab 12") == hasher.loyalty_code("AB12") != hasher.loyalty_code("AB13")
    assert hasher.loyalty_code("ab 12") is not None
    assert len(hasher.whole(Member("A-1"))) == 16
