from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.jobs.windows import LONGEST
from connector.mews.times import Interval
from connector.sandbox.mews.instants import parse, three_months_after


@pytest.mark.parametrize("year", [2025, 2028])
def test_the_longest_window_is_three_months_at_most_wherever_it_begins(year: int) -> None:
    start = datetime(year, 1, 1, 12, 0, 0, 300_000, tzinfo=UTC)
    for day in range(366):
        body = Interval(start + timedelta(days=day), start + timedelta(days=day) + LONGEST).body()
        assert parse(body["EndUtc"]) <= three_months_after(parse(body["StartUtc"])), body
