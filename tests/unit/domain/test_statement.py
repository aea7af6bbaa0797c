"""Lines of a statement beside messages of ours: which is which, and what may be told about them."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.ledger import State
from connector.domain.statement import (
    Booked,
    Difference,
    Stated,
    best,
    discreet,
    is_members,
    missing,
    of_pair,
    only_theirs,
)

NUMBER = "992003669288601"
DEPARTED, ANSWERED = date(2026, 10, 31), date(2026, 11, 3)


def booked(key: str = "a", state: State = State.CREDITED, miles: int = 220) -> Booked:
    answered = None if state is State.SHADOW else ANSWERED
    return Booked(key, state, miles, NUMBER, "theirs-1", "n-r1", DEPARTED, answered)


def stated(miles: int = 220, number: str = NUMBER, day: date | None = DEPARTED) -> Stated:
    return Stated(7, miles, "", "", number, day)


class TestTheMember:
    @pytest.mark.parametrize("number", [NUMBER, "***********8601", "9920XXXXXXXX601", "…8601", "••••8601"])
    def test_is_known_by_number_or_by_what_is_shown_of_it(self, number: str) -> None:
        assert is_members(stated(number=number), booked())

    @pytest.mark.parametrize("number", ["", "992003669288602", "***8602", "8***8601", "**01", "****"])
    def test_is_not_another(self, number: str) -> None:
        assert not is_members(stated(number=number), booked())

    @pytest.mark.parametrize(
        ("day", "near"),
        [(DEPARTED, True), (ANSWERED, True), (date(2026, 11, 4), True), (date(2026, 11, 5), False), (None, False)],
    )
    def test_is_looked_for_by_departure_or_about_the_answer(self, day: date | None, near: bool) -> None:
        assert is_members(stated(day=day), booked()) is near

    def test_is_compared_with_the_miles(self) -> None:
        assert not is_members(stated(221), booked())


class TestTheBest:
    def test_has_the_miles_of_the_line(self) -> None:
        assert best(stated(5), [booked("a", miles=10), booked("b", miles=5)], exact=False) == booked("b", miles=5)
        assert best(stated(5), [booked("a", miles=10)], exact=True) is None

    def test_is_one_that_the_partner_took(self) -> None:
        assert best(stated(), [booked("a", State.REFUSED), booked("b")], exact=True) == booked("b")


class TestAPair:
    def test_agrees_also_in_a_rehearsal(self) -> None:
        assert of_pair(stated(), booked()) is None
        assert of_pair(stated(), booked(state=State.SHADOW)) is None

    @pytest.mark.parametrize("state", [State.REFUSED, State.IN_DOUBT, State.HELD, State.SUSPENDED, State.VOID])
    def test_differs_where_the_ledger_does_not_say_that_it_was_given(self, state: State) -> None:
        finding = of_pair(stated(), booked(state=state))
        assert finding is not None
        assert finding.kind is Difference.OTHER_STATE
        assert str(state) in finding.text

    def test_differs_in_miles(self) -> None:
        finding = of_pair(stated(200), booked())
        assert finding is not None
        assert (finding.kind, finding.miles, finding.other_miles) == (Difference.OTHER_MILES, 220, 200)
        assert finding.member == "***********8601"


class TestWhatIsMissing:
    def test_is_what_counts_on_the_days_of_the_file(self) -> None:
        given, shadow = booked("a"), booked("b", State.SHADOW)
        others = [booked("c", State.REFUSED), booked("d", State.READY)]
        found = [*missing([given, shadow, *others], {"z"}, DEPARTED, ANSWERED)]
        assert found == [given, shadow]
        assert [*missing([given, shadow], {"a"}, DEPARTED, ANSWERED)] == [shadow]
        assert [*missing([given, shadow], set(), ANSWERED, ANSWERED)] == [given]


class TestWhatIsTold:
    @pytest.mark.parametrize(
        ("word", "told"),
        [
            ("38466", "38466"),
            ("n-r1", "n-r1"),
            (NUMBER, "***********8601"),
            ("9920 0366 9288 601", "***********8601"),
            ("Anna Berger", ""),
            ("anna@guests.example1", ""),
            ("", ""),
            ("d2f0a1aa-7f0e-4c8e-9d5a-000000000000", "d2f0a1aa-7f0e-4c8e-9d5a-000000000000"),
        ],
    )
    def test_holds_no_number_and_no_name(self, word: str, told: str) -> None:
        assert discreet(word) == told

    def test_masks_the_number_of_a_line_that_is_not_ours(self) -> None:
        assert only_theirs(stated()).text == (
            "member ***********8601, 2026-10-31: 220 miles are in the file, the ledger has none"
        )
        assert only_theirs(stated(number="Anna Berger")).member == ""
