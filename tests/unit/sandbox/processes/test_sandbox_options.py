"""The choices of a sandbox."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.faults import Effect, Fault
from connector.sandbox.mews.limit import Limit
from connector.sandbox.options import SandboxOptions

STATE = Path("state")


@pytest.mark.parametrize(
    "options",
    [
        SandboxOptions(STATE),
        SandboxOptions(
            STATE,
            port_base=7700,
            bookings=Path("bookings.csv"),
            since=date(2015, 7, 1),
            until=date(2015, 7, 31),
            seed=7,
            limit=None,
            faults=("uplyft:createEvent=lose,times=2", "mews:*=503"),
            uplyft_unique_id=False,
            airmiles_processing=0.5,
            qiibee_users=Path("users.json"),
            qiibee_answers="users=,wrapped",
            qiibee_rate="0.5",
            qiibee_prepaid=1000,
            qiibee_processing=2.5,
            lufthansa_accept=202,
            lufthansa_uncredit="transaction",
            lufthansa_answers="empty",
        ),
    ],
)
def test_options_travel_to_the_servers_unchanged(options: SandboxOptions) -> None:
    line = options.dumped()
    assert "\n" not in line
    assert SandboxOptions.loaded(line) == options


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ({"port_base": 80}, "port_base: 80, expected 0 or a port from 1024"),
        ({"port_base": 65_535}, "port_base: 65535"),
        ({"limit": "200"}, "limit '200': expected"),
        ({"faults": ("visa:a=lose",)}, "expected one of mews, uplyft, airmiles, qiibee, lufthansa before the colon"),
        ({"faults": ("mews:a=explode",)}, "effect: 'explode'"),
        ({"uplyft_form": "new"}, "uplyft_form: 'new', expected one of transaction, flat, both"),
        ({"uplyft_duplicate": "maybe"}, "uplyft_duplicate: 'maybe'"),
        ({"airmiles_accept": 201}, "airmiles_accept: 201, expected one of 200, 202"),
        ({"lufthansa_accept": 204}, "lufthansa_accept: 204, expected one of 200, 201, 202"),
        ({"lufthansa_uncredit": "never"}, "lufthansa_uncredit: 'never', expected one of free, transaction"),
        ({"lufthansa_answers": "all"}, "lufthansa_answers: 'all', expected one of transaction, empty"),
        ({"qiibee_answers": "packed"}, "qiibee_answers: 'packed': expected one of users=NAME, total=NAME"),
        ({"qiibee_rate": "none"}, "qiibee_rate: 'none', expected a number above 0 such as 0.5"),
        ({"qiibee_prepaid": -1}, "qiibee_prepaid, processing: expected 0 or more"),
    ],
)
def test_what_no_server_could_start_with_is_refused(option: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=r"expected|effect") as raised:
        SandboxOptions(STATE, **option)
    assert reason in str(raised.value)


def test_each_server_has_its_own_faults() -> None:
    options = SandboxOptions(STATE, faults=("mews:a=drop", "uplyft:b=lose", "mews:c=503"))
    assert list(options.faults_of("mews")) == [Fault("a", Effect.DROP), Fault("c", Effect.STATUS)]
    assert list(options.faults_of("airmiles")) == []


@pytest.mark.parametrize(("text", "limit"), [("200/30s", Limit(200, 30.0)), ("off", None), (None, None)])
def test_the_limit_may_be_off(text: str | None, limit: Limit | None) -> None:
    assert SandboxOptions(STATE, limit=text).sliding_limit == limit
