"""What a rule gives, from the text of a configuration to the miles of a case."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli.app import app
from connector.settings import secret_files
from tests.unit.settings.settings_files import PARTNER, SCHEME, SMALL, secrets_for

CASE = """
[[case]]
name = "one"
property = "wien"
arrival = 2026-12-10
departure = 2026-12-12
items = [{ gross = "250.00" }]
"""
CLUB = """
[[programs]]
code = "ALPEN"
name = "Club"
type = "Hotel"
subscription = "Free"
tiers = [ { code = "SILVER", name = "Silver", ordering = 1 }, { code = "GOLD", name = "Gold", ordering = 2 } ]
"""
Earns = Callable[..., dict[str, Any]]


@pytest.fixture
def earns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Earns:
    """Decide a stay of EUR 250 by some rules; return what ``config check --cases --json`` tells of it."""
    for name in [name for name in os.environ if name.upper().startswith("LOYALTY_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(secret_files, "SHARED", tmp_path / "none")

    def earned(*rules: str, more: str = "", case: str = "") -> dict[str, Any]:
        lists = "\n".join(f"[[partners.mm.earn]]\ncap_stay = 0\n{each}" for each in rules)
        config, cases = tmp_path / "connector.toml", tmp_path / "cases.toml"
        config.write_text(SMALL + more + PARTNER + 'start = 2026-01-01\nhold = "none"\n' + lists, encoding="utf-8")
        cases.write_text(f"{CASE}{case}\nmiles = {{ mm = 0 }}\n", encoding="utf-8")
        words = ["--config", str(config), "config", "check", "--cases", str(cases), "--json"]
        result = CliRunner().invoke(app, words, env=secrets_for(config.read_text(encoding="utf-8")))
        found: dict[str, Any] = json.loads(result.stdout)["cases"][0]
        return found

    return earned


def test_a_rule_that_stops_keeps_the_later_ones_from_applying(earns: Earns) -> None:
    base = 'basis = "spend"\nmiles = 1'
    first = 'name = "suite"\nbasis = "stay"\nmiles = 500\npriority = 5\nstop = true'
    assert earns(base, first)["miles"] == 500
    assert earns(base, first.replace("true", "false"))["miles"] == 750
    assert earns(base, first.replace("5\n", "11\n"))["miles"] == 750
    assert earns(base, first)["explanation"]["rules"][1]["against"] == {
        "stopped": "rule suite applies, and no rule after it"
    }


def test_steps_of_money_each_have_their_price(earns: Earns) -> None:
    steps = 'tiers = [ { up_to = "100.00", per = "2.00" }, { per = "1.00" } ]'
    found = earns(f'basis = "spend"\nmiles = 1\ncurrency = "EUR"\n{steps}')
    assert found["miles"] == 200
    assert found["explanation"]["rules"][0]["steps"] == [
        {"amount": "100.00", "per": "2.00"},
        {"amount": "150.00", "per": "1.00"},
    ]


def test_tier_and_dates_multiply_the_miles(earns: Earns) -> None:
    scheme = SCHEME.replace('"MM"', '"ALPEN"') + CLUB
    base = 'basis = "spend"\nmiles = 1\nbonus = 3\n'
    tier = base + 'tier_bonus = { GOLD = "1.25" }'
    assert earns(tier, more=scheme, case='tier = "GOLD"')["miles"] == 315
    assert earns(tier, more=scheme, case='tier = "SILVER"')["miles"] == 253
    assert earns(tier, more=scheme)["miles"] == 253
    dated = base + 'multipliers = [ { from = 2026-12-12, factor = "2" }, { to = 2026-12-12, factor = "1.5" } ]'
    found = earns(dated)
    assert found["miles"] == 753
    assert found["explanation"]["rules"][0]["multipliers"] == [
        {"from": None, "to": "2026-12-12", "factor": "1.5"},
        {"from": "2026-12-12", "to": None, "factor": "2"},
    ]


def test_each_case_has_the_caps_of_a_day_and_a_year_to_itself(earns: Earns) -> None:
    base = 'basis = "spend"\nmiles = 1\n'
    assert earns(base + "cap_day = 200\ncap_year = 220")["miles"] == 200
    assert earns(base + "cap_year = 220")["explanation"]["arithmetic"]["cap"]["per"] == "year"
