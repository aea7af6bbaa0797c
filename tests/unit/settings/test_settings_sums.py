"""Whether the keys by which a rule counts fit each other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.settings.rules import Step
from tests.unit.settings.settings_files import EARN, PARTNER, SCHEME, SMALL, Files

PLACE = "connector.toml: partners.mm.earn[0]"


def told(files: Files, line: str, rule: str = EARN) -> list[str]:
    return [each.removeprefix(PLACE) for each in files.faults(SMALL + PARTNER + rule + line)]


class TestSteps:
    def test_end_where_the_next_begins_and_the_last_need_not(self, files: Files) -> None:
        line = 'per = "1.00"\ntiers = [ { up_to = "100.00", per = "2.00" }, { per = "1" } ]'
        first, last = files.load(SMALL + PARTNER + EARN + line).partners["mm"].earn[0].tiers
        assert (str(first.up_to), str(first.per), last) == ("100.00", "2.00", Step(per="1"))
        assert files.load(SMALL + PARTNER + EARN + 'tiers = [ { up_to = "9.00", per = "2" } ]')

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            (
                'per = "2.00"\ntiers = [ { per = "2.00" } ]',
                ".per: stands beside tiers, which have their own; expected one of the two",
            ),
            (
                'tiers = [ { per = "2.00" }, { per = "1.00" } ]',
                ".tiers[0].up_to: is missing; expected where the step ends, as only the last one may not",
            ),
            (
                'tiers = [ { up_to = "9.00", per = "2" }, { up_to = "9.0", per = "1" } ]',
                '.tiers[1].up_to: "9.0" is not beyond the step before; expected more',
            ),
            ('tiers = [ { up_to = "0", per = "2" } ]', '.tiers[0].up_to: "0" is not above zero'),
            ('tiers = [ { up_to = "9.00" } ]', ".tiers[0].per: is missing; expected units of money"),
            ("tiers = [ { per = 2 } ]", ".tiers[0].per: 2 is not an amount"),
            ('tiers = "2.00"', '.tiers: "2.00" is not a list'),
        ],
    )
    def test_that_do_not_fit_are_faults(self, files: Files, line: str, fault: str) -> None:
        (found,) = told(files, line)
        assert found.startswith(fault)

    def test_are_of_money(self, files: Files) -> None:
        (found,) = told(files, 'tiers = [ { per = "2.00" } ]', EARN.replace("spend", "night"))
        assert found == '.tiers: stands in a rule by night; expected it with basis = "spend"'


CLUB = """
[[programs]]
code = "ALPEN"
name = "Club"
type = "Hotel"
subscription = "Free"
"""
TIERS = """tiers = [
    { code = "SILVER", name = "S", ordering = 1 },
    { code = "GOLD", name = "G", ordering = 2, formerly = "ORO" },
]"""
OWN = SMALL + CLUB + TIERS + SCHEME.replace('"MM"', '"ALPEN"') + PARTNER + EARN


def test_a_description_fits_on_a_statement(files: Files) -> None:
    text = SMALL + PARTNER + EARN
    assert files.load(f'{text}description = "{"x" * 20}"').partners["mm"].earn[0].description == "x" * 20
    (found,) = told(files, f'description = "{"x" * 21}"')
    assert found.endswith("is too long; expected at most 20 characters")


class TestTierBonus:
    def test_is_by_the_codes_that_tiers_of_the_schemes_program_have_or_had(self, files: Files) -> None:
        rule = files.load(OWN + 'tier_bonus = { GOLD = "1.25", ORO = "1.25" }').partners["mm"].earn[0]
        assert {code: str(factor) for code, factor in rule.tier_bonus.items()} == {"GOLD": "1.25", "ORO": "1.25"}

    def test_is_compared_with_the_file_only_where_it_names_tiers(self, files: Files) -> None:
        assert files.load(OWN.replace(TIERS, "") + 'tier_bonus = { PLATINUM = "2" }')

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            ('{ GOLDD = "2" }', '.GOLDD: is not the code of a tier of the scheme\'s program; did you mean "GOLD"?'),
            (
                '{ X = "2" }',
                ".X: is not the code of a tier of the scheme's program; expected one of: SILVER, GOLD, ORO",
            ),
            ('{ GOLD = "0" }', '.GOLD: "0" is not above zero; expected an amount like "20.00"'),
            ("{ GOLD = 1.25 }", '.GOLD: 1.25 is not an amount; expected digits like "20.00"'),
        ],
    )
    def test_of_another_code_or_without_a_factor_is_a_fault(self, files: Files, line: str, fault: str) -> None:
        assert files.faults(OWN + f"tier_bonus = {line}") == [f"{PLACE}.tier_bonus{fault}"]

    def test_needs_a_scheme(self, files: Files) -> None:
        (found,) = told(files, 'tier_bonus = { GOLD = "1.25" }')
        assert found == ".tier_bonus: needs the tiers of the scheme's program; expected a table [scheme]"


class TestMultipliers:
    def test_have_windows_like_departures(self, files: Files) -> None:
        line = 'multipliers = [ { from = 2026-01-01, to = 2026-01-01, factor = "2" } ]'
        (found,) = files.load(SMALL + PARTNER + EARN + line).partners["mm"].earn[0].multipliers
        assert (found.from_, found.to, found.factor) == (date(2026, 1, 1), date(2026, 1, 1), Decimal(2))

    def test_that_end_before_they_begin_are_a_fault(self, files: Files) -> None:
        (found,) = told(files, 'multipliers = [ { from = 2026-01-02, to = 2026-01-01, factor = "2" } ]')
        assert found == ".multipliers[0].to: is before the first day; expected 2026-01-02 or later"

    def test_without_a_factor_are_a_fault(self, files: Files) -> None:
        assert told(files, "multipliers = [ { from = 2026-01-02 } ]") == [
            ".multipliers[0].factor: is missing; expected the factor"
        ]
