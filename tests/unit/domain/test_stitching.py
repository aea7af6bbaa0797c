"""A stay of several reservations: what is asked of the whole, what of each part, and what an award of two holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.decision import Decision, Earned, Status, decide
from connector.domain.ruling import Suspense
from connector.domain.stays import Stay
from connector.domain.stitching import join, together
from tests.unit.domain.stay_makers import MEMBER, NOW, contract, item, membership, rebate, reservation, rule, stay


def part(name: str, arrival: int, departure: int, *items: Any, **changes: Any) -> Stay:
    begin, end = (datetime(2026, 12, day, 10, tzinfo=UTC) for day in (arrival, departure))
    times = {"scheduled_start": begin, "scheduled_end": end, "actual_end": end}
    own = reservation(id=name, number=f"no-{name}", **(times | changes))
    return stay(*(items or (item(f"i-{name}", reservation_id=name),)), reservation=own)


def whole(*parts: Stay) -> Stay:
    return join(parts, parts[0].reservation)


def decided(stitched: Stay, *rules: Any, **terms: Any) -> Decision:
    return decide(stitched, contract(*rules, **terms), NOW)


def miles(stitched: Stay, *rules: Any) -> int:
    earned = decided(stitched, *rules).award
    return earned.miles if earned else 0


class TestTheWhole:
    def test_bears_the_name_of_its_root_and_ends_with_its_last_part(self) -> None:
        parts = part("b", 8, 10), part("c", 10, 14), part("d", 10, 12)
        joined = join(parts, reservation(id="a", number="root"))
        told = joined.reservation
        assert (told.id, told.number, told.state) == ("a", "root", "Processed")
        assert (told.scheduled_start.day, told.departed_at.day) == (8, 14)
        award = decided(joined).award
        assert award is not None
        assert (award.departure, award.miles) == (date(2026, 12, 14), 300)

    def test_is_over_when_each_part_is(self) -> None:
        ruling = decided(whole(part("a", 8, 10), part("b", 10, 12, state="Started")))
        assert (ruling.status, ruling.reason) == (Status.WAITING, "not_processed")

    def test_has_the_nights_of_every_room_and_the_length_of_the_stay(self) -> None:
        rooms = whole(part("a", 8, 10), part("b", 8, 10), part("c", 10, 11))
        assert miles(rooms, rule(basis="night", min_nights=3)) == 5
        assert miles(rooms, rule(basis="night", min_nights=4)) == 0

    def test_has_one_bonus_and_one_cap(self) -> None:
        assert miles(whole(part("a", 8, 10), part("b", 10, 12)), rule(bonus=5)) == 205
        assert miles(whole(part("a", 8, 10), part("b", 10, 12)), rule(cap_stay=120)) == 120

    def test_has_rebates_across_its_folios(self) -> None:
        second = part("b", 10, 12, item("i-b", "50", reservation_id="b"), rebate("z", of="i-a", reservation_id="b"))
        assert miles(whole(part("a", 8, 10), second)) == 140

    def test_is_charged_when_one_of_its_rooms_is(self) -> None:
        free = part("b", 10, 12, item("i-b", "0", reservation_id="b"))
        assert miles(whole(part("a", 8, 10), free), rule(basis="night")) == 4

    def test_is_judged_by_its_last_departure(self) -> None:
        window = rule(departure_from=date(2026, 12, 12))
        assert miles(whole(part("a", 8, 10), part("b", 10, 12)), window) == 200

    def test_tells_of_its_parts(self) -> None:
        told = decided(whole(part("a", 8, 10), part("b", 10, 12))).explanation["parts"]
        assert [(each["reservation"], each["nights"]) for each in told] == [("a", 2), ("b", 2)]  # type: ignore[attr-defined]

    def test_has_the_number_that_was_claimed_for_one_of_its_parts(self) -> None:
        unknown = replace(part("a", 8, 10), memberships=())
        claimed = replace(part("b", 10, 12), memberships=(membership(id="claim"),))
        award = decided(whole(unknown, claimed)).award
        assert award is not None
        assert award.member_number == MEMBER


DIRECT = {"travel_agencies": "none"}


class TestAPartThatARuleDoesNotTake:
    def test_gives_no_nights_and_no_charges(self) -> None:
        stitched = whole(part("a", 8, 10, agency_id="x"), part("b", 10, 13))
        assert miles(stitched, rule(basis="night", **DIRECT)) == 3
        assert miles(stitched, rule(**DIRECT)) == 100

    def test_counts_for_the_rules_that_take_it(self) -> None:
        stitched = whole(part("a", 8, 10, agency_id="x"), part("b", 10, 13))
        assert miles(stitched, rule(**DIRECT), rule(basis="night")) == 105

    def test_still_makes_the_stay_longer(self) -> None:
        stitched = whole(part("a", 8, 10, agency_id="x"), part("b", 10, 13))
        assert miles(stitched, rule(basis="night", min_nights=5, **DIRECT)) == 3

    def test_takes_its_rebates_along_wherever_they_stand(self) -> None:
        second = part("b", 10, 12, item("i-b", "50", reservation_id="b"), rebate("z", of="i-a", reservation_id="b"))
        stitched = whole(part("a", 8, 10, agency_id="x"), second)
        assert miles(stitched, rule(**DIRECT)) == 50
        (explained,) = decided(stitched, rule(**DIRECT)).explanation["rules"]  # type: ignore[misc]
        assert {entry["id"]: entry["why"] for entry in explained["items"]} == {  # type: ignore[index]
            "i-a": "of_a_reservation_that_the_rule_does_not_take",
            "i-b": "listed",
            "z": "lowers_an_item_that_does_not_count",
        }

    def test_with_all_the_others_leaves_the_rule_nothing(self) -> None:
        agencies = whole(part("a", 8, 10, agency_id="x"), part("b", 10, 12, agency_id="y"))
        assert decided(agencies, rule(**DIRECT)).reason == "no_rule"


class TestAnAwardOfTwoStays:
    def earned(self, *parts: Stay) -> list[Earned]:
        found = [decided(each).award for each in parts]
        return [each for each in found if each]

    def test_holds_the_sum_and_departs_with_the_later_one(self) -> None:
        taxed = replace(part("a", 1, 3), items=(item("i-a", taxes=(("AT-10", Decimal(9)),)),))
        both = together(self.earned(part("b", 10, 12), taxed))
        assert (both.miles, both.value_gross, both.departure) == (200, Decimal(200), date(2026, 12, 12))
        assert both.taxes == (("AT-10", Decimal(9)),)

    def test_holds_the_miles_of_both_by_their_offer_codes(self) -> None:
        one, other = self.earned(part("a", 1, 3), part("b", 10, 12))
        both = together([replace(one, shares=(("", 60), ("SPA", 40))), other])
        assert (both.miles, both.shares) == (200, (("", 160), ("SPA", 40)))

    def test_needs_a_person_where_the_values_are_in_two_currencies(self) -> None:
        (one,) = self.earned(part("a", 1, 3))
        with pytest.raises(Suspense):
            together([one, replace(one, currency="CAD")])
