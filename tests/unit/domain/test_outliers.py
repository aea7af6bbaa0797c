"""A day that is far above the usual one."""

from __future__ import annotations

import pytest

from connector.domain.outliers import Bounds, is_outlier, usual

BOUNDS = Bounds(factor=5, minimum=1000)
DAYS = [0] * 14 + [300] * 13 + [90_000]


def test_the_usual_day_is_the_median_of_those_with_miles() -> None:
    assert usual(DAYS) == 300


def test_a_week_of_days_with_miles_is_needed() -> None:
    assert usual([300] * 6 + [0] * 22) is None
    assert not is_outlier(1_000_000, [300] * 6 + [0] * 22, BOUNDS)


@pytest.mark.parametrize(("today", "outlier"), [(1500, False), (1501, True)])
def test_a_day_above_the_factor_is_an_outlier(today: int, outlier: bool) -> None:  # a case
    assert is_outlier(today, DAYS, BOUNDS) is outlier


def test_a_small_day_is_none_however_small_the_usual_one() -> None:
    assert not is_outlier(1000, [10] * 28, BOUNDS)
    assert is_outlier(1001, [10] * 28, BOUNDS)


def test_a_factor_of_zero_judges_nothing() -> None:
    assert not is_outlier(1_000_000, DAYS, Bounds())
