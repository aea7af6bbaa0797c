"""The pace of a partner: what its settings may be."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from connector.settings import Partner
from connector.settings.rates import requests_in
from tests.unit.settings.settings_files import EARN, PARTNER, PARTNER_SECRETS, SMALL, Files


def partner(files: Files, lines: str = "") -> Partner:
    return files.load(SMALL + PARTNER + lines + EARN, PARTNER_SECRETS).partners["mm"]


def faults(files: Files, lines: str) -> list[str]:
    found = files.faults(SMALL + PARTNER + lines + EARN, PARTNER_SECRETS)
    return [line.removeprefix("connector.toml: partners.mm.") for line in found]


def test_what_is_absent_is_sane(files: Files) -> None:
    found = partner(files)
    assert (found.concurrency, found.rate, found.quiet_hours) == (8, None, None)
    assert (found.retry_from, found.retry_up_to, found.max_attempts) == (timedelta(seconds=30), timedelta(hours=1), 12)
    assert (found.outlier_factor, found.outlier_minimum) == (5, 10_000)


def test_quiet_hours_are_times_of_day(files: Files) -> None:
    quiet = partner(files, 'quiet_hours = { from = "22:00", to = "06:00" }\n').quiet_hours
    assert quiet
    assert (quiet.from_, quiet.to) == (time(22), time(6))


@pytest.mark.parametrize(
    ("rate", "requests", "window"),
    [("10/s", 10, timedelta(seconds=1)), ("600/5m", 600, timedelta(minutes=5)), ("5000/1h", 5000, timedelta(hours=1))],
)
def test_a_rate_is_requests_in_a_time(files: Files, rate: str, requests: int, window: timedelta) -> None:
    found = partner(files, f'rate = "{rate}"\n').rate
    assert found
    assert requests_in(found) == (requests, window)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('rate = "10"', 'rate: "10" is not a rate; expected requests in a time like "10/s" or "600/5m"'),
        ('rate = "0/s"', 'rate: "0/s" is not a rate; expected requests in a time like "10/s" or "600/5m"'),
        (
            'quiet_hours = { from = "22", to = "06:00" }',
            'quiet_hours.from: "22" is not a time of day; expected a time of day like "22:00"',
        ),
        (
            'quiet_hours = { from = "22:00", to = "22:00" }',
            'quiet_hours.to: "22:00" is also where they begin; expected another time',
        ),
        (
            'retry_from = "2h"',
            'retry_up_to: "1h" is shorter than retry_from (2h); expected it to be as long or longer',
        ),
    ],
)
def test_a_wrong_value_is_one_sentence(files: Files, line: str, fault: str) -> None:
    assert faults(files, f"{line}\n") == [fault]
