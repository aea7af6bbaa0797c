"""How far changes were read: positions that survive in a text, and where the next reading begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.schemes.positions import OVERLAP, Greatest, position_of, value_at

NOON = datetime.fromisoformat("2026-11-25T12:00:00.000500")


class TestPositions:
    @pytest.mark.parametrize(
        ("value", "position"),
        [
            (NOON, "datetime:2026-11-25T12:00:00.000500"),
            (NOON.replace(tzinfo=UTC), "datetime:2026-11-25T12:00:00.000500+00:00"),
            (date(2026, 11, 25), "date:2026-11-25"),
            (17, "int:17"),
            (Decimal("17.50"), "decimal:17.50"),
            (0.1, "float:0.1"),
            ("2026-11-25 12:00:00", "text:2026-11-25 12:00:00"),
        ],
    )
    def test_keep_the_kind_of_the_value(self, value: object, position: str) -> None:
        assert position_of(value) == position

    @pytest.mark.parametrize(
        "value",
        [None, True, b"1", "anna@example.org", "2026", float("nan"), Decimal("NaN"), "2026-11-25T12:00:00+02:00"],
    )
    def test_are_none_where_values_cannot_be_put_in_order(self, value: object) -> None:
        assert position_of(value) == ""

    @given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.dates())
    def test_are_bound_again_as_they_were(self, value: object) -> None:
        again = value_at(position_of(value))
        assert again == value
        assert type(again) is type(value)

    @given(st.datetimes(NOON, timezones=st.none() | st.timezones()))
    def test_of_moments_begin_earlier(self, value: datetime) -> None:
        again = value_at(position_of(value))
        assert isinstance(again, datetime)
        if value.tzinfo is not None:
            assert again.tzinfo is not None
            value, again = value.astimezone(UTC), again.astimezone(UTC)
        assert value - again == OVERLAP

    @pytest.mark.parametrize("text", ["2026-11-25 00:01:00", "2026-11-25T00:01:00.25Z"])
    def test_of_moments_that_are_texts_begin_earlier_in_the_same_form(self, text: str) -> None:
        assert value_at(f"text:{text}") == f"2026-11-24{text[10]}23:56:00"

    @pytest.mark.parametrize(
        "position",
        ["", "17", "int:x", "year:2026", "datetime:soon", "datetime:0001-01-01T00:00:00", "text:x", "decimal:NaN"],
    )
    def test_that_are_not_understood_are_no_value(self, position: str) -> None:
        assert value_at(position) is None


class TestTheGreatestValue:
    def test_is_the_position_whatever_the_order(self) -> None:
        greatest = Greatest("")
        for value in (3, None, 7, 5):
            greatest.see(value)
        assert greatest.position == "int:7"

    def test_never_goes_back_behind_where_the_reading_began(self) -> None:
        greatest = Greatest(position_of(NOON))
        greatest.see(NOON - timedelta(minutes=3))
        assert greatest.position == position_of(NOON)

    def test_of_two_kinds_is_no_position(self) -> None:
        greatest = Greatest("")
        for value in (3, "2026-11-25 12:00:00", 4):
            greatest.see(value)
        assert greatest.position == ""

    def test_of_nothing_is_no_position(self) -> None:
        assert Greatest("").position == ""

    def test_of_moments_is_the_latest_in_the_hour_that_a_zone_has_twice(self) -> None:
        vienna, greatest = ZoneInfo("Europe/Vienna"), Greatest("")
        for fold, minute in ((0, 50), (1, 10)):
            greatest.see(datetime(2026, 10, 25, 2, minute, tzinfo=vienna, fold=fold))
        assert greatest.position == "datetime:2026-10-25T01:10:00+00:00"
