"""``config check --cases`` as a person runs it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connector.cli.app import app
from connector.errors import Misconfigured
from connector.settings import secret_files
from tests.integration.test_config_commands import SECRETS

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLE = CONFIG / "cases.example.toml"
CASE = """
[[case]]
name = "first"
property = "wien"
arrival = 2026-12-10
departure = 2026-12-12
items = [{ gross = "100.00" }, { gross = "23.45" }]
miles = { miles_and_more = 123 }
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Check a text of cases against the example configuration."""
    for name in [name for name in os.environ if name.upper().startswith("LOYALTY_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(secret_files, "SHARED", tmp_path / "no" / "run" / "secrets")
    monkeypatch.chdir(tmp_path)

    def checked(text: str, *options: str) -> Result:
        file = tmp_path / "cases.toml"
        file.write_text(text, encoding="utf-8")
        words = ["--config", str(CONFIG / "connector.example.toml"), "config", "check", "--cases", str(file), *options]
        return CliRunner().invoke(app, words, env=SECRETS)

    return checked


def faults(result: Result) -> tuple[str, ...]:
    assert isinstance(result.exception, Misconfigured)
    return result.exception.faults


def test_the_example_holds_and_touches_no_database(run: Run, tmp_path: Path) -> None:
    result = run(EXAMPLE.read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "ok: two nights, breakfast does not count: miles_and_more: 240 miles, awarded"
    assert len(lines) == 5
    assert all(line.startswith("ok: ") for line in lines)
    assert [each.name for each in tmp_path.iterdir()] == ["cases.toml"]


def test_a_difference_is_told_with_both_numbers_and_the_arithmetic(run: Run) -> None:
    result = run(CASE.replace("= 123", "= 124"))
    assert faults(result) == ("cases.toml: 1 of 1 results differ; expected the miles that the cases name",)
    assert result.stdout.splitlines()[0] == (
        "differs: first: miles_and_more: expected 124 miles; the contract gives 123 miles, awarded"
    )
    assert "rule base: EUR 123.45 ÷ 1.00 = 123.45; × 1 = 123.45 miles" in result.stdout


def test_another_reason_than_expected_is_a_difference(run: Run) -> None:
    wrong = CASE.replace("= 123", "= 0") + 'member = false\nreason = { miles_and_more = "no_rule" }\n'
    assert "expected 0 miles, no_rule; the contract gives 0 miles, no_membership" in run(wrong).stdout
    assert run(wrong.replace('"no_rule"', '"no_membership"')).exit_code == 0


def test_json_is_complete(run: Run) -> None:
    (found,) = json.loads(run(CASE, "--json").stdout)["cases"]
    assert (found["holds"], found["expected"], found["miles"], found["reason"]) == (True, 123, 123, "awarded")
    assert found["explanation"]["rules"][0]["base"] == "123.45"


@pytest.mark.parametrize(
    ("how", "miles"),
    [
        ('rate = "Best available rate"', 0),
        ('rate = "Best available rate"\nrate_group = "Public"', 123),
        ('rate_group = "Public"', 123),
        ('rate_group = "House"', 0),
    ],
)
def test_a_case_calls_a_rate_and_its_group_as_the_rules_do(run: Run, tmp_path: Path, how: str, miles: int) -> None:
    rules = (CONFIG / "connector.example.toml").read_text(encoding="utf-8")
    (tmp_path / "grouped.toml").write_text(rules.replace("\nrate_groups = []", '\nrate_groups = ["Public"]'), "utf-8")
    (tmp_path / "cases.toml").write_text(CASE.replace("= 123", f"= {miles}") + how, encoding="utf-8")
    words = ["--config", "grouped.toml", "config", "check", "--cases", "cases.toml"]
    assert CliRunner().invoke(app, words, env=SECRETS).exit_code == 0


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"100.00"', "100.0", '.items[0].gross: 100.0 is not an amount; expected digits like "20.00" or "-5.00"'),
        ("property =", "propertie =", '.propertie: is not a known key; did you mean "property"?'),
        ("and_more", "and_mor", '.miles.miles_and_mor: is not a partner; did you mean "miles_and_more"?'),
        ("2026-12-12", "2026-12-01", ".departure: is before the arrival; expected 2026-12-10 or later"),
        ('{ gross = "23.45" }', "{ id = 'x' }", ".items[1]: has no amount; expected gross, net or both"),
        ('name = "first"\n', "", ".name: is missing; expected a value"),
    ],
)
def test_a_bad_case_is_a_sentence_with_its_place(run: Run, before: str, after: str, told: str) -> None:
    assert f"cases.toml: line 2: case[0]{told}" in faults(run(CASE.replace(before, after)))


def test_a_file_that_is_no_toml_names_the_line(run: Run) -> None:
    (line,) = faults(run(CASE.replace("[[case]]", "[[case]")))
    assert line.startswith("cases.toml: line 2: ")
    assert line.endswith("; expected TOML")


def test_a_file_without_cases_and_no_file_are_told(run: Run, tmp_path: Path) -> None:
    assert faults(run("")) == ("cases.toml: case: is missing; expected [[case]]",)
    words = ["--config", str(CONFIG / "connector.example.toml"), "config", "check", "--cases", "nowhere.toml"]
    (line,) = faults(CliRunner().invoke(app, words, env=SECRETS))
    assert line.startswith("nowhere.toml: does not exist")


def test_items_stand_on_the_bill_of_somebody_who_may_have_paid(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    other = CASE.replace('"23.45" }', '"23.45", payer = "other" }')
    assert run(other).exit_code == 0
    monkeypatch.setenv("LOYALTY_PARTNERS__MILES_AND_MORE__WHO_PAYS", "guest")
    assert run(other.replace("= 123", "= 100")).exit_code == 0
    monkeypatch.setenv("LOYALTY_PARTNERS__MILES_AND_MORE__REQUIRE_PAID", "true")
    unpaid = CASE.replace('"100.00" }', '"100.00", paid = false }').replace("= 123", "= 0")
    assert run(unpaid + 'reason = { miles_and_more = "unpaid_bill" }').exit_code == 0
    assert run(CASE).exit_code == 0


def test_offers_to_which_the_member_opted_in_count(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = "0f0e7c7a-3a53-4e57-9f6d-1b1f4f0a0001"
    configuration = tmp_path / "connector.toml"
    text = (CONFIG / "connector.example.toml").read_text(encoding="utf-8")
    tied = text.replace('offer_code = ""', 'offer_code = "SPRING"').replace('offer = ""', f'offer = "{offer}"')
    configuration.write_text(tied, encoding="utf-8")
    case = CASE.replace('"wien"', '"montreal"').replace("miles_and_more = 123", "air_miles = 6")
    case += 'currency = "CAD"\n'
    monkeypatch.setenv("LOYALTY_CONFIG", str(configuration))
    for opted, expected in (("", "air_miles = 0"), (f'opted_in = ["{offer}"]', "air_miles = 6")):
        file = tmp_path / "opted.toml"
        file.write_text(case.replace("air_miles = 6", expected) + opted, encoding="utf-8")
        done = CliRunner().invoke(app, ["config", "check", "--cases", str(file)], env=SECRETS)
        assert done.exit_code == 0, done.output
