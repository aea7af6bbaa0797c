"""Miles & More's own Earn service in the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.settings import LufthansaPartner, warnings
from tests.unit.settings.settings_files import EARN_SERVICE, SMALL, Files

LIVE = 'mode = "live"\nstart = 2026-12-01\ndaily_ceiling = 200000\nearn_path = "earn"\n'


def changed(lines: str) -> str:
    return SMALL + EARN_SERVICE.replace("[[", f"{lines}\n[[")


def test_its_defaults_are_what_is_published(files: Files) -> None:
    partner = files.load(SMALL + EARN_SERVICE).partners["earn_service"]
    assert isinstance(partner, LufthansaPartner)
    assert partner.endpoint == "https://api-test.lufthansa.com/v1/profiles"
    assert partner.token_endpoint == "https://api.lufthansa.com/v1/partners/oauth/token"
    assert (partner.pid, partner.max_age) == ("0", timedelta(days=395))


@pytest.mark.parametrize("mode", ["test", "live"])
def test_what_is_sent_needs_a_path_because_none_is_published(files: Files, mode: str) -> None:
    text = changed(LIVE.replace("live", mode).replace('earn_path = "earn"', ""))
    assert files.faults(text) == [
        f'connector.toml: partners.earn_service.earn_path: is missing, and mode "{mode}" requires it; '
        "expected the path that the partner told"
    ]
    assert files.load(changed(LIVE.replace("live", mode))).partners


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            'max_age = "425d"',
            'max_age: "425d" is more than the 14 months that the Earn service takes; expected at most',
        ),
        ('pid = "12a"', 'pid: "12a" is no pid; expected 1 to 9 digits'),
        ('pid = "1234567890"', "expected 1 to 9 digits"),
        ('promotion_code = "HOTEL-1"', 'promotion_code: "HOTEL-1" is no promotion code; expected at most 6'),
        ('statement_characters = ""', "statement_characters: "),
    ],
)
def test_a_value_that_the_service_would_not_take_is_a_fault(files: Files, line: str, fault: str) -> None:
    (told,) = files.faults(changed(line))
    assert fault in told


@pytest.mark.parametrize(
    ("line", "missing", "given"),
    [
        ('success_field = "status"', "success_values", "success_field"),
        ('success_values = ["OK"]', "success_field", "success_values"),
    ],
)
def test_a_success_is_known_by_a_field_and_its_values(files: Files, line: str, missing: str, given: str) -> None:
    assert files.faults(changed(line)) == [
        f"connector.toml: partners.earn_service.{missing}: is missing, and {given} means nothing without it; "
        "expected both, or neither"
    ]
    assert files.load(changed('success_field = "status"\nsuccess_values = ["OK"]')).partners


def test_an_age_of_14_months_is_taken(files: Files) -> None:
    assert files.load(changed('max_age = "424d"')).partners["earn_service"].max_age == timedelta(days=424)


def test_its_test_host_is_named_under_a_live_partner(files: Files) -> None:
    found = [line.split(": ")[1] for line in warnings(files.load(changed(LIVE)))]
    assert "partners.earn_service.endpoint" in found
    live = changed(LIVE + 'endpoint = "https://api.lufthansa.com/v1/profiles"')
    assert not any("lufthansa" in line for line in warnings(files.load(live)))
