"""Whether the keys by which a rule counts fit each other."""

from __future__ import annotations

import pytest

from connector.settings.rules import Step
from tests.unit.settings.settings_files import EARN, PARTNER, SMALL, Files

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
