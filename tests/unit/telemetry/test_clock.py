from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.telemetry.clock import SystemClock


def test_the_system_clock_tells_the_time_in_utc() -> None:
    moment = SystemClock().now()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)
