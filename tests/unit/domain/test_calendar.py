from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.calendar import business_date, departure, duration, nights
from connector.domain.ruling import Suspense
from connector.errors import Skippable
from tests.unit.domain.stay_makers import VIENNA, reservation

MONTREAL = replace(VIENNA, time_zone="America/Toronto", table="montreal")
LATE_CLOSING = replace(VIENNA, day_offset=timedelta(hours=3))


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P0M7DT0H0M0S", timedelta(days=7)),
        ("P0Y0M0DT3H30M0S", timedelta(hours=3, minutes=30)),
        ("PT0S", timedelta(0)),
        ("P2W", timedelta(days=14)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("-PT2H", timedelta(hours=-2)),
    ],
)
def test_durations_are_read_as_mews_writes_them(text: str, length: timedelta) -> None:
    assert duration(text) == length


def test_a_month_is_never_shorter_than_the_calendars() -> None:
    assert duration("P1M0DT0H0M0S") == timedelta(days=31)
    assert duration("P1Y") == timedelta(days=366)


@pytest.mark.parametrize("text", ["", "P", "PT", "7D", "P7", "P1DT", "P-1D", "PT1H1D", "P1D ", "P" + "9" * 30 + "D"])
def test_what_is_no_duration_is_set_aside(text: str) -> None:
    with pytest.raises(Skippable, match="ISO-8601 duration"):
        duration(text)


def test_dates_are_the_propertys_not_utcs() -> None:
    assert business_date(at(12, 31, 23, 30), VIENNA) == date(2027, 1, 1)
    assert business_date(at(12, 31, 4, 59), MONTREAL) == date(2026, 12, 30)


def test_the_business_day_ends_at_its_closing_offset() -> None:
    assert business_date(at(12, 10, 1, 59), LATE_CLOSING) == date(2026, 12, 9)
    assert business_date(at(12, 10, 2, 0), LATE_CLOSING) == date(2026, 12, 10)


def test_the_offset_is_taken_from_the_wall_clock_on_the_nights_when_clocks_change() -> None:
    # Spring: 03:00 on the wall is 01:00 UTC, one hour after 01:00 on the wall.
    assert business_date(at(3, 29, 0, 59), LATE_CLOSING) == date(2026, 3, 28)
    assert business_date(at(3, 29, 1, 0), LATE_CLOSING) == date(2026, 3, 29)
    # Autumn: 02:00 to 03:00 happens twice, and both belong to the day before.
    assert business_date(at(10, 25, 0, 30), LATE_CLOSING) == date(2026, 10, 24)
    assert business_date(at(10, 25, 1, 30), LATE_CLOSING) == date(2026, 10, 24)
    assert business_date(at(10, 25, 2, 0), LATE_CLOSING) == date(2026, 10, 25)


def test_an_unknown_time_zone_is_a_case_for_a_person() -> None:
    with pytest.raises(Suspense, match="property wien") as raised:
        business_date(at(12, 1, 1), replace(VIENNA, time_zone="Mars/Olympus"))
    assert raised.value.reason == "unknown_time_zone"


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "/abs", "a\0b"])
def test_a_time_zone_that_is_no_name_at_all_does_not_crash(zone: str) -> None:
    with pytest.raises(Suspense):
        business_date(at(12, 1, 1), replace(VIENNA, time_zone=zone))


def test_nights_are_dates_not_periods_of_24_hours() -> None:
    late_to_early = reservation(scheduled_start=at(12, 10, 22), scheduled_end=at(12, 12, 5), actual_end=None)
    assert nights(late_to_early, VIENNA) == 2


def test_nights_over_the_change_of_clocks_count_as_any_others() -> None:
    over_spring = reservation(scheduled_start=at(3, 28, 13), scheduled_end=at(3, 30, 9), actual_end=None)
    assert nights(over_spring, VIENNA) == 2


def test_leaving_early_shortens_the_nights_and_leaving_late_does_not_lengthen_them() -> None:
    booked = {"scheduled_start": at(12, 10, 14), "scheduled_end": at(12, 14, 10)}
    assert nights(reservation(**booked, actual_end=at(12, 12, 8)), VIENNA) == 2
    assert nights(reservation(**booked, actual_end=at(12, 16, 8)), VIENNA) == 4


def test_a_day_use_has_no_nights_and_no_stay_has_fewer() -> None:
    day_use = {"scheduled_start": at(12, 10, 8), "scheduled_end": at(12, 10, 16)}
    assert nights(reservation(**day_use, actual_end=None), VIENNA) == 0
    assert nights(reservation(**day_use, actual_end=at(12, 8, 8)), VIENNA) == 0


def test_an_arrival_after_midnight_belongs_to_the_night_before() -> None:
    walk_in = reservation(scheduled_start=at(12, 10, 0, 30), scheduled_end=at(12, 10, 10), actual_end=None)
    assert nights(walk_in, LATE_CLOSING) == 1
    assert nights(walk_in, VIENNA) == 0


def test_departure_is_the_day_of_the_actual_check_out() -> None:
    assert departure(reservation(actual_end=at(12, 15, 8)), VIENNA) == date(2026, 12, 15)
    assert departure(reservation(actual_end=None), VIENNA) == date(2026, 12, 12)
