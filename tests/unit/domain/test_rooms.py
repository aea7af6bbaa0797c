"""Several rooms of one guest: which of them earn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.decision import decide
from connector.domain.rooms import Room, crowded_out, room, stays, visited
from connector.domain.ruling import Status
from connector.domain.spans import Span
from connector.domain.standing import Standing
from tests.unit.domain.stay_makers import CHECK_OUT, NOW, contract, reservation, rule, stay

BOOKED = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def a_room(name: str, arrival: int, end: int, *, booked: int = 0, **facts: Any) -> Room:
    days = Span(date(2026, 12, arrival), date(2026, 12, end), date(2026, 12, end))
    return Room((name, "owner"), days, BOOKED + booked * DAY, **({"takes": True} | facts))


def out(most: int, *rooms: Room) -> dict[str, str]:
    return {name: ruling.status for (name, _), ruling in crowded_out(rooms, most).items()}


class TestTheFirstRoomsEarn:
    def test_in_the_order_in_which_they_were_booked(self) -> None:
        rooms = a_room("a", 10, 12, booked=3), a_room("b", 10, 12, booked=1), a_room("c", 10, 12, booked=2)
        assert out(1, *rooms) == {"a": "excluded", "c": "excluded"}
        assert out(2, *rooms) == {"a": "excluded"}
        assert out(3, *rooms) == {}

    def test_of_those_booked_at_once_the_one_with_the_lower_id(self) -> None:
        assert out(1, a_room("b", 10, 12), a_room("a", 10, 12)) == {"b": "excluded"}

    def test_and_what_has_an_award_stays_in(self) -> None:
        awarded = [a_room(name, 10, 12, booked=booked, awarded=NOW) for name, booked in (("b", 2), ("c", 3))]
        assert out(1, a_room("a", 10, 12), *awarded) == {"a": "excluded"}

    def test_which_counts_by_night(self) -> None:
        rooms = a_room("a", 10, 12), a_room("b", 12, 14), a_room("c", 10, 14, booked=1)
        assert out(1, *rooms) == {"c": "excluded"}
        assert out(2, *rooms) == {}

    def test_whoever_is_out_takes_no_place(self) -> None:
        rooms = a_room("a", 10, 12), a_room("b", 11, 15, booked=1), a_room("c", 14, 16, booked=2)
        assert out(1, *rooms) == {"b": "excluded"}

    def test_of_those_that_take_one(self) -> None:
        assert out(1, a_room("a", 10, 12, takes=False), a_room("b", 10, 12)) == {}

    def test_stays_one_after_the_other_are_in_nobodys_way(self) -> None:
        assert out(1, a_room("a", 10, 12), a_room("b", 12, 14)) == {}

    def test_day_uses_of_one_day_are(self) -> None:
        assert out(1, a_room("a", 12, 12), a_room("b", 12, 12)) == {"b": "excluded"}

    def test_as_long_as_one_is_not_certain_the_next_waits(self) -> None:
        later = NOW + 3 * DAY
        rulings = crowded_out([a_room("a", 10, 12, open_until=later), a_room("b", 10, 12)], 1)
        assert {key: (each.status, each.due) for key, each in rulings.items()} == {
            ("b", "owner"): (Status.WAITING, later)
        }

    def test_who_waits_looks_again_when_the_first_of_them_is_certain_or_not(self) -> None:
        earlier, later = NOW + DAY, NOW + 3 * DAY
        waiting = [a_room("a", 10, 12, open_until=later), a_room("b", 10, 12, open_until=earlier)]
        rulings = crowded_out([*waiting, a_room("c", 10, 12), a_room("d", 10, 12, booked=1)], 3)
        assert {key[0]: (each.due, each.text) for key, each in rulings.items()} == {
            "d": (earlier, "3 other rooms of this guest on the same dates may come first")
        }

    def test_one_night_is_a_night(self) -> None:
        assert out(1, a_room("a", 10, 11), a_room("b", 10, 11)) == {"b": "excluded"}

    def test_rooms_of_other_dates_fill_no_night(self) -> None:
        assert out(1, a_room("a", 10, 11), a_room("b", 20, 21), a_room("c", 12, 12)) == {}

    def test_the_reason_names_how_many_earn_already(self) -> None:
        rooms = [a_room(name, 10, 12, booked=booked) for booked, name in enumerate("abc")]
        texts = [next(iter(crowded_out(rooms, most).values())).text for most in (1, 2)]
        assert texts == [
            "another room of this guest on the same dates earns already",
            "2 other rooms of this guest on the same dates earn already",
        ]


class TestARoom:
    def test_is_told_with_its_dates_and_what_it_has(self) -> None:
        standing = Standing(NOW, gives=True, paid=False, returning=False)
        by = contract(rule(), rule(name="visit", basis="visit"))
        assert room(stay(), by, NOW, standing) == Room(
            *(
                ("r-1", "owner"),
                Span(date(2026, 12, 10), date(2026, 12, 12), date(2026, 12, 12)),
                reservation().created,
            ),
            takes=True,
            awarded=NOW,
            open_until=None,
            visits=True,
            joins=True,
        )

    def test_whose_miles_were_given_elsewhere_has_its_place_and_is_no_part_of_a_stay(self) -> None:
        by = contract(rule(), rule(name="visit", basis="visit"))
        found = room(stay(elsewhere=frozenset({"miles_and_more"})), by, NOW, None)
        made = reservation().created
        assert (found.takes, found.awarded, found.visits, found.joins) == (True, made, True, False)
        assert room(stay(elsewhere=frozenset({"other"})), by, NOW, None).awarded is None
        assert room(stay(erased=frozenset({"miles_and_more"})), by, NOW, None) == found

    def test_that_no_rule_takes_has_no_award_and_no_visit(self) -> None:
        standing = Standing(NOW, gives=True, paid=False, returning=False)
        by_agency = stay(reservation=reservation(agency_id="x"))
        found = room(by_agency, contract(rule(travel_agencies="none", basis="visit")), NOW, standing)
        assert (found.takes, found.awarded, found.visits) == (False, None, False)

    def test_has_a_visit_only_by_a_rule_for_visits(self) -> None:
        assert not room(stay(), contract(), NOW, None).visits

    @pytest.mark.parametrize(
        ("state", "start", "awarded", "joins"),
        [
            ("Processed", date(2026, 12, 12), False, True),
            ("Processed", date(2026, 12, 13), False, False),
            ("Processed", date(2026, 12, 13), True, True),
            ("Processed", None, False, True),
            ("Canceled", None, True, False),
            ("Started", date(2026, 12, 13), False, True),
        ],
    )
    def test_joins_others_unless_it_left_before_the_start(
        self, state: str, start: date | None, awarded: bool, joins: bool
    ) -> None:
        standing = Standing(NOW, gives=True, paid=True, returning=False) if awarded else None
        by = contract(start=start)
        assert room(stay(reservation=reservation(state=state)), by, CHECK_OUT + DAY, standing).joins is joins

    def test_that_is_confirmed_comes_until_its_end(self) -> None:
        confirmed = stay(reservation=reservation(state="Confirmed"))
        assert not room(confirmed, contract(), CHECK_OUT, None).takes
        assert room(confirmed, contract(), CHECK_OUT - timedelta(seconds=1), None).takes

    def test_that_asks_about_a_whole_stay_is_not_judged_as_a_part(self) -> None:
        long = rule(min_nights=5)
        assert not room(stay(), contract(long), NOW, None).takes
        assert room(stay(), contract(long, stitch=True), NOW, None).takes

    @pytest.mark.parametrize(
        ("state", "takes", "certain"),
        [
            ("Processed", True, True),
            ("Started", True, False),
            ("Confirmed", True, False),
            ("Canceled", False, True),
            ("Optional", False, True),
        ],
    )
    def test_takes_a_place_when_it_is_or_may_come_to_a_stay(self, state: str, takes: bool, certain: bool) -> None:
        found = room(stay(reservation=reservation(state=state)), contract(), CHECK_OUT - DAY, None)
        assert (found.takes, found.open_until is None) == (takes, certain)

    def test_that_was_confirmed_and_did_not_come_takes_none(self) -> None:
        assert not room(stay(reservation=reservation(state="Confirmed")), contract(), CHECK_OUT + DAY, None).takes

    def test_that_no_rule_takes_takes_none(self) -> None:
        by_agency = stay(reservation=reservation(agency_id="x"))
        assert not room(by_agency, contract(rule(travel_agencies="none")), NOW, None).takes

    def test_that_departed_before_the_start_takes_none(self) -> None:
        assert not room(stay(), contract(start=date(2026, 12, 13)), NOW, None).takes

    def test_that_was_canceled_keeps_its_place_while_the_partner_has_its_miles(self) -> None:
        canceled = stay(reservation=reservation(state="Canceled"))
        paid = Standing(NOW, gives=False, paid=True, returning=True)
        assert room(canceled, contract(), NOW, paid).open_until == NOW
        kept = Standing(NOW, gives=True, paid=True, returning=False)
        assert room(canceled, contract(), NOW, kept).open_until == NOW + DAY / 24
        returned = Standing(NOW, gives=False, paid=False, returning=False)
        assert not room(canceled, contract(), NOW, returned).takes

    def test_that_cannot_be_read_may_come_to_a_stay(self) -> None:
        found = room(stay(), contract(), NOW, None, readable=False)
        assert (found.takes, found.open_until) == (True, NOW + DAY)


class TestAVisit:
    """Once for all rooms whose dates overlap."""

    def elsewhere(self, *rooms: Room) -> dict[str, str]:
        return {name: other.key[0] for (name, _), other in visited(rooms).items()}

    def test_earns_by_the_room_booked_first(self) -> None:
        rooms = a_room("a", 10, 12, booked=1, visits=True), a_room("b", 11, 13, visits=True)
        assert self.elsewhere(*rooms) == {"a": "b"}

    def test_hangs_together_by_the_rooms_between(self) -> None:
        rooms = [a_room(name, begin, end, visits=True) for name, begin, end in (("a", 10, 12), ("c", 13, 16))]
        assert self.elsewhere(*rooms) == {}
        assert self.elsewhere(*rooms, a_room("b", 11, 14, booked=1, visits=True)) == {"c": "a", "b": "a"}

    def test_follows_another_one_that_only_adjoins(self) -> None:
        assert self.elsewhere(a_room("a", 10, 12, visits=True), a_room("b", 12, 14, visits=True)) == {}

    def test_stays_where_it_was_awarded_first(self) -> None:
        first = a_room("b", 10, 12, booked=2, visits=True, awarded=NOW)
        second = a_room("c", 10, 12, booked=1, visits=True, awarded=NOW + DAY)
        assert self.elsewhere(a_room("a", 10, 12, visits=True), second, first) == {"a": "b", "c": "b"}

    def test_does_not_wait_for_a_room_that_is_not_left(self) -> None:
        in_house = a_room("a", 10, 12, visits=True, open_until=NOW)
        assert self.elsewhere(in_house, a_room("b", 10, 12, booked=1, visits=True)) == {"a": "b"}

    def test_earns_by_no_room_for_which_its_rule_does_not_stand(self) -> None:
        assert self.elsewhere(a_room("a", 10, 12), a_room("b", 10, 12, booked=1, visits=True)) == {"a": "b"}
        assert self.elsewhere(a_room("a", 10, 12), a_room("b", 10, 12, booked=1)) == {}

    def test_is_worth_its_miles_once(self) -> None:
        by = contract(rule(basis="visit", miles=Decimal(50)))
        assert decide(stay(), by, NOW).award.miles == 50  # type: ignore[union-attr]
        assert decide(stay(visited="r-0"), by, NOW).reason == "no_rule"
        assert decide(stay(visited="r-0"), contract(rule(basis="stay", miles=Decimal(50))), NOW).reason == "awarded"


class TestOneStay:
    def names(self, *rooms: Room) -> list[list[str]]:
        return [[each.key[0] for each in group] for group in stays(rooms)]

    def test_is_rooms_that_overlap_or_adjoin_in_the_order_in_which_they_begin(self) -> None:
        rooms = a_room("c", 14, 16), a_room("b", 12, 14), a_room("a", 10, 13), a_room("z", 20, 21)
        assert self.names(*rooms) == [["a", "b", "c"]]

    def test_is_not_one_room_alone(self) -> None:
        assert self.names(a_room("a", 10, 12), a_room("b", 13, 14)) == []

    def test_has_no_room_that_does_not_join(self) -> None:
        assert self.names(a_room("a", 10, 12, joins=False), a_room("b", 12, 14)) == []

    def test_of_two_that_begin_together_has_the_one_booked_first_in_front(self) -> None:
        assert self.names(a_room("a", 10, 12, booked=1), a_room("b", 10, 12)) == [["b", "a"]]


def test_a_visit_is_not_earned_by_a_room_that_takes_none() -> None:
    rooms = a_room("a", 10, 12, visits=True, takes=False), a_room("b", 10, 12, booked=1, visits=True)
    assert visited(rooms) == {}
