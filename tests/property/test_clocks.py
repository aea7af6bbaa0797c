"""Days, nights and times of day at places whose clocks change, against the rules of their laws."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.domain.calendar import arrival, business_date, departure, nights
from connector.domain.months import last_day, month_after, month_of
from connector.domain.quiet import QuietHours
from connector.domain.schedule import next_start
from connector.jobs.figures import midnight
from connector.jobs.pacing import Pacing
from tests.reference.clocks import PLACES, Place
from tests.unit.domain.stay_makers import VIENNA, reservation

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST, LAST = datetime(2025, 1, 2), datetime(2032, 12, 30)  # noqa: DTZ001  # 2028 and 2032 are leap years
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
OFFSETS = st.sampled_from([timedelta(0), HOUR, 2.5 * HOUR, 4 * HOUR])


def _changes(place: Place) -> list[datetime]:
    return [rule(year) for year in range(2025, 2033) for rule in (place.begins, place.ends) if rule]


@st.composite
def moments(draw: st.DrawFn) -> tuple[Place, datetime]:
    """A place and a moment, often within hours of a change of its clocks or of a turn of a month."""
    place = draw(st.sampled_from(list(PLACES.values())))
    anywhere = st.datetimes(FIRST, LAST).map(lambda each: each.replace(tzinfo=UTC))
    turns = st.sampled_from([datetime(y, m, 1, tzinfo=UTC) for y in (2027, 2028, 2029) for m in (1, 2, 3, 12)])
    near = st.sampled_from(_changes(place)) if place.begins else turns
    shift = st.integers(-6 * 3600, 6 * 3600).map(lambda each: timedelta(seconds=each))
    moment = draw(st.one_of(anywhere, st.builds(datetime.__add__, st.one_of(near, turns), shift)))
    return place, moment


@given(moments(), OFFSETS)
def test_a_business_day_is_that_of_the_wall_clock_less_the_closing_offset(
    given_: tuple[Place, datetime], offset: timedelta
) -> None:
    place, moment = given_
    hotel = replace(VIENNA, time_zone=place.zone, day_offset=offset)
    assert business_date(moment, hotel) == (place.wall(moment) - offset).date()


@given(st.sampled_from(list(PLACES.values())), st.dates(FIRST.date(), LAST.date()), st.integers(0, 40), OFFSETS)
@example(PLACES["Europe/Vienna"], date(2028, 2, 28), 2, timedelta(0))
@example(PLACES["Australia/Lord_Howe"], date(2027, 12, 31), 1, 4 * HOUR)
def test_a_stay_has_as_many_nights_as_the_calendar_has_dates_between(
    place: Place, day: date, count: int, offset: timedelta
) -> None:
    hotel = replace(VIENNA, time_zone=place.zone, day_offset=offset)
    (start, *_), (end, *_) = (
        place.moments(datetime.combine(each, at)) for each, at in ((day, time(15)), (day + count * DAY, time(18)))
    )
    stay = reservation(scheduled_start=start, scheduled_end=end, actual_end=end)
    assert (arrival(stay, hotel), nights(stay, hotel), departure(stay, hotel)) == (day, count, day + count * DAY)


@pytest.mark.parametrize(
    ("zone", "departed", "day"),
    [  # by hand
        ("Europe/Vienna", "2028-02-29T22:59:59Z", date(2028, 2, 29)),
        ("Europe/Vienna", "2028-02-29T23:00:00Z", date(2028, 3, 1)),
        ("America/Toronto", "2028-03-01T04:59:00Z", date(2028, 2, 29)),
        ("America/St_Johns", "2027-01-01T03:29:59Z", date(2026, 12, 31)),
        ("America/St_Johns", "2027-01-01T03:30:00Z", date(2027, 1, 1)),
        ("Australia/Lord_Howe", "2026-12-31T12:59:59Z", date(2026, 12, 31)),
        ("Australia/Lord_Howe", "2026-12-31T13:00:00Z", date(2027, 1, 1)),
        ("Australia/Lord_Howe", "2027-06-30T13:29:59Z", date(2027, 6, 30)),
        ("Pacific/Apia", "2026-12-31T10:59:59Z", date(2026, 12, 31)),
        ("Pacific/Apia", "2026-12-31T11:00:00Z", date(2027, 1, 1)),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", date(2011, 12, 29)),  # the day after was the 31st
        ("Pacific/Apia", "2011-12-30T10:00:00Z", date(2011, 12, 31)),
    ],
)
def test_the_day_of_check_out(zone: str, departed: str, day: date) -> None:
    moment = datetime.fromisoformat(departed)
    assert departure(reservation(scheduled_end=moment, actual_end=moment), replace(VIENNA, time_zone=zone)) == day


@given(moments(), TIMES)
def test_a_time_of_day_comes_next_when_the_wall_shows_it(given_: tuple[Place, datetime], at: time) -> None:
    place, now = given_
    found = next_start(at, ZoneInfo(place.zone), None, now)
    assert now < found <= now + DAY + HOUR
    if place.moments(datetime.combine(place.wall(found).date(), at)):
        assert place.wall(found).time() == at
    else:  # the clocks leave it out: as much later as they were set forward
        assert place.wall(found) == datetime.combine(place.wall(found).date(), at) + place.summer
    missed = [each for each in place.moments(datetime.combine(place.wall(now).date(), at))[:1] if now < each]
    assert not missed or found <= missed[0]


@given(moments(), TIMES, TIMES)
def test_quiet_hours_end_later_than_they_are_looked_at_and_at_an_hour_that_is_not_quiet(
    given_: tuple[Place, datetime], start: time, end: time
) -> None:
    place, now = given_
    pacing = Pacing(quiet=QuietHours(start, end), zone=ZoneInfo(place.zone))
    clock = place.wall(now).time()
    within = start <= clock < end if start <= end else clock >= start or clock < end
    until = pacing.quiet_until(now)
    assert (until is not None) == within
    if until is not None:
        assert now < until <= now + DAY + HOUR
        wall = place.wall(until)
        assert wall.time() == end or not place.moments(datetime.combine(wall.date(), end))


@given(moments(), st.integers(0, 30))
def test_a_day_of_a_ceiling_begins_at_the_first_midnight_of_its_date(
    given_: tuple[Place, datetime], before: int
) -> None:
    place, now = given_
    day = place.wall(now).date() - before * DAY
    (first, *_) = place.moments(datetime.combine(day, time()))
    pacing = Pacing(zone=ZoneInfo(place.zone))
    assert pacing.day(now) == place.wall(now).date()
    assert pacing.midnight(now, before) == first
    assert midnight(day, ZoneInfo(place.zone)).astimezone(UTC) == first


@given(st.dates(date(1999, 1, 1), date(2101, 12, 31)))
@example(date(2028, 2, 29))
@example(date(2100, 2, 28))
def test_months_are_those_of_the_calendar(day: date) -> None:
    days = monthrange(day.year, day.month)[1]
    assert month_of(day) == date(day.year, day.month, 1)
    assert last_day(day) == date(day.year, day.month, days)
    assert month_after(day) == last_day(day) + DAY
