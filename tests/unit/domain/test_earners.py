"""Who earns by a stay that a company owns, and what the reservation counts as when several do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.decision import Decision, Status
from connector.domain.earners import Others, Person, displaced, entitled, together
from connector.domain.stays import NOBODY, OWNER, Holder, Stay
from tests.unit.domain.stay_makers import NOW, contract, membership, reservation, stay

BOOKER = Person("booker", Holder("a-9"), (membership(id="m-9"),))
ANNA, BERT = Person("a-2", Holder("a-2")), Person("a-3", Holder("a-3"))
GONE = Person("a-4", Holder("a-4"), present=False)
OTHERS = Others(BOOKER, (ANNA, BERT, GONE))


def company() -> Stay:
    return stay(reservation=reservation(account_type="Company"))


def seats(stays: list[Stay]) -> list[str]:
    return [each.seat for each in stays]


class TestEntitled:
    def test_is_the_owner_of_a_stay_of_a_guest_whatever_the_contract(self) -> None:
        plain = stay()
        for earner in ("owner", "booker", "companions"):
            assert entitled(plain, contract(earner=earner), OTHERS) == [plain]

    def test_is_the_owner_where_the_contract_says_so_though_that_is_a_company(self) -> None:
        assert entitled(company(), contract(earner="owner"), OTHERS) == [company()]

    def test_is_the_booker_with_what_the_booker_has(self) -> None:
        (found,) = entitled(company(), contract(earner="booker"), OTHERS)
        assert (found.seat, found.holder, found.memberships) == ("booker", Holder("a-9"), BOOKER.memberships)

    def test_are_the_companions_but_for_one_who_was_taken_off(self) -> None:
        assert seats(entitled(company(), contract(earner="companions"), OTHERS)) == ["a-2", "a-3"]

    def test_is_a_companion_who_was_taken_off_and_has_an_award(self) -> None:
        found = entitled(company(), contract(earner="companions"), OTHERS, awarded=["a-4"])
        assert seats(found) == ["a-2", "a-3", "a-4"]

    @pytest.mark.parametrize("earner", ["booker", "companions"])
    def test_is_nobody_where_nobody_is_known(self, earner: str) -> None:
        (found,) = entitled(company(), contract(earner=earner), Others())
        assert (found.seat, found.holder) == (NOBODY, Holder(""))


def test_displaced_are_seats_with_an_award_that_nobody_entitled_has() -> None:
    now = entitled(company(), contract(earner="companions"), OTHERS)
    assert [(each.seat, each.holder) for each in displaced(company(), ["booker", "a-3", OWNER], now)] == [
        ("booker", Holder("")),
        (OWNER, Holder("")),
    ]


class TestTogether:
    AWARDED = Decision(Status.AWARDED, "awarded", "500 miles", NOW + timedelta(days=2), explanation={"miles": 500})
    EXCLUDED = Decision(Status.EXCLUDED, "no_membership", "no membership")
    WAITING = Decision(Status.WAITING, "hold", "a week more", NOW + timedelta(days=7))
    SUSPENDED = Decision(Status.SUSPENDED, "bad_number", "the number is none")

    @pytest.mark.parametrize("seat", [OWNER, NOBODY])
    def test_one_seat_of_the_owner_or_of_nobody_is_what_it_is(self, seat: str) -> None:
        assert together([(seat, self.AWARDED)]) is self.AWARDED

    def test_one_seat_of_somebody_else_is_named(self) -> None:
        found = together([("booker", self.AWARDED)])
        assert (found.status, found.text, found.due) == (Status.AWARDED, "500 miles", self.AWARDED.due)
        assert found.explanation["miles"] == 500
        assert found.explanation["seats"] == [
            {
                "seat": "booker",
                "status": "awarded",
                "reason": "awarded",
                "text": "500 miles",
                "explanation": {"miles": 500},
            }
        ]

    @pytest.mark.parametrize(
        ("decided", "status"),
        [
            ((EXCLUDED, AWARDED), Status.AWARDED),
            ((AWARDED, WAITING), Status.WAITING),
            ((WAITING, SUSPENDED, AWARDED), Status.SUSPENDED),
            ((EXCLUDED, EXCLUDED), Status.EXCLUDED),
        ],
    )
    def test_what_wants_a_person_or_time_comes_first(self, decided: tuple[Decision, ...], status: Status) -> None:
        assert together([(f"a-{number}", each) for number, each in enumerate(decided)]).status is status

    def test_several_seats_are_told_each_and_looked_at_when_the_first_is_due(self) -> None:
        found = together([(OWNER, self.WAITING), ("a-2", self.EXCLUDED), ("a-3", self.AWARDED)])
        assert found.text == "waiting: a week more; excluded: no membership; awarded: 500 miles"
        assert found.due == NOW + timedelta(days=2)
