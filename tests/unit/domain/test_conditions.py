"""On which conditions a rule applies: when a stay was booked and began, how it was sold, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.domain.conditions import Facts, failures
from connector.domain.folio import Folio
from connector.domain.ruling import Suspense
from tests.unit.domain.stay_makers import VIENNA, reservation, rule, stay

THURSDAY = date(2026, 12, 10)  # the arrival of the plain stay, which has the nights of Thursday and Friday
SOLD: dict[str, Any] = {
    "origin": "ChannelManager",
    "segment_id": "segment",
    "rate_id": "rate",
    "agency_id": "agency",
    "company_id": "company",
    "block_id": "block",
}


def facts(nights: int = 2, source: str | None = "", **changes: Any) -> Facts:
    of = stay(reservation=reservation(**changes), source_id=source)
    return Facts(of, Folio.of(of.items), date(2026, 12, 12), nights, nights)


def against(known: Facts, **terms: Any) -> dict[str, str]:
    return failures(rule(**terms), known)


class TestTheDayOfArrival:
    @pytest.mark.parametrize(("first", "last"), [(THURSDAY, None), (None, THURSDAY), (THURSDAY, THURSDAY)])
    def test_may_be_the_first_and_the_last_of_its_window(self, first: date | None, last: date | None) -> None:
        assert against(facts(), arrival_from=first, arrival_to=last) == {}

    def test_must_not_lie_outside_of_it(self) -> None:
        early = against(facts(), arrival_from=date(2026, 12, 11))
        assert early == {"arrival_window": "arrived on 2026-12-10, the rule begins on 2026-12-11"}
        late = against(facts(), arrival_to=date(2026, 12, 9))
        assert late == {"arrival_window": "arrived on 2026-12-10, the rule ended on 2026-12-09"}

    def test_is_that_of_the_hotel_and_its_business_day(self) -> None:
        after_midnight = facts(scheduled_start=datetime(2026, 12, 10, 23, 30, tzinfo=UTC))  # half past midnight there
        assert list(against(after_midnight, arrival_to=THURSDAY)) == ["arrival_window"]
        of = replace(after_midnight.stay, property=replace(VIENNA, day_offset=timedelta(hours=4)))
        assert against(replace(after_midnight, stay=of), arrival_to=THURSDAY) == {}


class TestTheDayOfBooking:
    def test_must_lie_in_its_window(self) -> None:
        made = facts(created=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))  # the first of April in Vienna
        assert against(made, booked_from=date(2026, 4, 1), booked_to=date(2026, 4, 1)) == {}
        assert against(made, booked_to=date(2026, 3, 31)) == {
            "booking_window": "booked on 2026-04-01, the rule ended on 2026-03-31"
        }


class TestWeekdays:
    def test_of_nights_count_each_for_itself(self) -> None:
        assert facts().nights_on(frozenset({"Thursday", "Friday", "Sunday"})) == 2
        assert facts().nights_on(frozenset({"Friday", "Saturday"})) == 1
        assert facts(nights=9).nights_on(frozenset({"Thursday"})) == 2

    def test_on_which_no_night_falls_give_nothing(self) -> None:
        weekend = frozenset({"Sunday", "Saturday"})
        assert against(facts(), basis="night", weekdays=weekend) == {"weekday": "no night on Saturday, Sunday"}
        assert against(facts(), basis="night", weekdays=frozenset({"Friday"})) == {}

    @pytest.mark.parametrize("basis", ["stay", "spend"])
    def test_are_otherwise_those_of_the_arrival(self, basis: str) -> None:
        assert against(facts(), basis=basis, weekdays=frozenset({"Thursday"})) == {}
        assert against(facts(), basis=basis, weekdays=frozenset({"Friday"})) == {
            "weekday": "arrived on a Thursday, the rule is for Friday"
        }


@pytest.mark.parametrize(
    ("listed", "code", "value"),
    [
        ("origins", "origin", "ChannelManager"),
        ("segments", "segment", "segment"),
        ("rates", "rate", "rate"),
        ("rate_groups", "rate_group", "rate"),  # Mews tells the groups of rates, so a group is the rates in it
        ("sources", "source", "source"),
    ],
)
class TestHowAStayWasSold:
    def test_must_be_among_what_the_rule_lists(self, listed: str, code: str, value: str) -> None:
        known = facts(source="source", **SOLD)
        assert against(known, **{listed: frozenset({value, "other"})}) == {}
        assert list(against(known, **{listed: frozenset({"other"})})) == [code]

    def test_must_not_be_among_what_it_excludes(self, listed: str, code: str, value: str) -> None:
        known = facts(source="source", **SOLD)
        assert list(against(known, **{f"exclude_{listed}": frozenset({value, "other"})})) == [code]
        assert against(known, **{f"exclude_{listed}": frozenset({"other"})}) == {}
        both = {listed: frozenset({value}), f"exclude_{listed}": frozenset({value})}
        assert list(against(known, **both)) == [code]

    def test_which_nobody_knows_is_in_no_list(self, listed: str, code: str, value: str) -> None:
        assert list(against(facts(), **{listed: frozenset({value})})) == [code]
        assert against(facts(), **{f"exclude_{listed}": frozenset({value})}) == {}


@pytest.mark.parametrize("listed", ["sources", "exclude_sources"])
def test_a_source_that_was_not_read_is_asked_for_before_the_rule_is_judged(listed: str) -> None:
    with pytest.raises(Suspense) as raised:
        against(facts(source=None), **{listed: frozenset({"source"})})
    assert raised.value.reason == "source_not_read"
    assert against(facts(source=None)) == {}


@pytest.mark.parametrize(
    ("listed", "code", "value"),
    [("agency_ids", "travel_agency", "agency"), ("company_ids", "company", "company"), ("block_ids", "block", "block")],
)
def test_a_list_of_agencies_companies_or_blocks_is_for_stays_of_these_only(listed: str, code: str, value: str) -> None:
    assert against(facts(**SOLD), **{listed: frozenset({value})}) == {}
    assert list(against(facts(**SOLD), **{listed: frozenset({"other"})})) == [code]
    assert list(against(facts(), **{listed: frozenset({value})})) == [code]
