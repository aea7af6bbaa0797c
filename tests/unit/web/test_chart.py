from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.web.chart import HEIGHT, WIDTH, chart

DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]


def of(**miles: list[int]) -> dict[str, list[int]]:
    return {name: found + [0] * (len(DAYS) - len(found)) for name, found in miles.items()}


def test_bars_are_as_high_as_the_miles_and_stand_on_one_another() -> None:
    drawn = chart(DAYS, of(mm=[100, 50], am=[100]))
    first, second, third = drawn.bars
    assert (first.series, second.series, third.series) == (0, 1, 0)
    assert first.height == pytest.approx(second.height, abs=0.2)
    assert first.height == pytest.approx(2 * third.height, abs=0.2)
    assert second.y + second.height == pytest.approx(first.y, abs=0.2)
    assert first.y + first.height == pytest.approx(drawn.zero, abs=0.2)
    assert first.title == "2026-11-01: mm 100"


def test_what_was_taken_back_hangs_below_the_line() -> None:
    drawn = chart(DAYS, of(mm=[100, -30]))
    up, down = drawn.bars
    assert up.y + up.height == pytest.approx(drawn.zero, abs=0.2)
    assert down.y == pytest.approx(drawn.zero, abs=0.2)
    assert drawn.ticks[0].text.startswith("-")


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (99, ["0", "50", "100"]),
        (35_000, ["0", "10,000", "20,000", "30,000", "40,000"]),
    ],
)
def test_the_lines_are_at_round_numbers(most: int, ticks: list[str]) -> None:
    assert [each.text for each in chart(DAYS, of(mm=[most])).ticks] == ticks


@pytest.mark.parametrize("miles", [[], [0], [10**7], [-1], [1, -(10**9), 5]])
def test_everything_lies_within_the_picture(miles: list[int]) -> None:
    drawn = chart(DAYS, of(mm=miles, am=[7, 7, 7]))
    assert all(each.x >= 0 and each.x + each.width <= WIDTH for each in drawn.bars)
    assert all(each.y >= 0 and each.y + each.height <= HEIGHT for each in drawn.bars)
    assert all(0 <= each.y <= HEIGHT for each in drawn.ticks)
    assert len(drawn.ticks) <= 11
    assert drawn.labels[-1].text == "30 Nov"


def test_the_numbers_stand_beside_the_picture() -> None:
    drawn = chart(DAYS, of(mm=[1, 2], am=[3]))
    assert drawn.rows[0] == (DAYS[0], (1, 3))
    assert drawn.totals == (3, 3)


def test_no_partner_no_bar() -> None:
    assert chart(DAYS, {}).bars == ()
