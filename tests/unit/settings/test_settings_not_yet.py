from __future__ import annotations

import json

import pytest

from connector.settings import unavailable
from tests.unit.settings.settings_files import EARN, PARTNER, SMALL, Files

OTHER = {
    bool: "true",
    int: "7",
    str: '"geheim"',
    list: '["other"]',
    dict: '{ GOLD = "1.25" }',
    type(None): '"geheim"',
}
NOT_YET = "is not yet available in this version; expected it to be absent"
WITH_DEFAULT = [pattern for pattern, default in unavailable.KEYS.items() if default is not None]


def file_with(pattern: str, value: str) -> str:
    table, name = pattern.rsplit(".", maxsplit=1)
    line = f"{name} = {value}\n"
    return {
        "programs.*": SMALL + line,
        "partners.*": SMALL + PARTNER + line + EARN,
        "partners.*.earn.*": SMALL + PARTNER + EARN + line,
    }.get(table, f"{SMALL}[{table}]\n{line}")


class TestKeysThatComeLater:
    @pytest.mark.parametrize("pattern", unavailable.KEYS)
    def test_are_refused_and_not_ignored(self, files: Files, pattern: str) -> None:
        value = OTHER[type(unavailable.KEYS[pattern])]
        (line,) = files.faults(file_with(pattern, value))
        place = pattern.replace("partners.*", "partners.mm").replace(".*", "[0]")
        assert line == f"connector.toml: {place}: {NOT_YET}"

    @pytest.mark.parametrize("pattern", WITH_DEFAULT)
    def test_may_stand_at_their_default(self, files: Files, pattern: str) -> None:
        assert files.load(file_with(pattern, json.dumps(unavailable.KEYS[pattern]))).chain.name

    def test_leave_their_table_open_for_nothing_else(self, files: Files) -> None:
        assert files.load(SMALL + "[schedule]")
        (line,) = files.faults(SMALL + "[schedule]\nswep = 1")
        assert line == 'connector.toml: schedule.swep: is not a known key; did you mean "sweep"?'

    def test_are_not_mistaken_for_their_default_in_another_type(self, files: Files) -> None:
        (line,) = files.faults(SMALL + "[schedule]\nsweep = []")
        assert "schedule.sweep: is not yet available" in line


class TestTheEnvironment:
    @pytest.mark.parametrize("name", ["LOYALTY_SCHEDULE__SWEEP", "loyalty_schedule__sweep"])
    def test_cannot_give_what_comes_later(self, files: Files, name: str) -> None:
        assert files.faults(SMALL + PARTNER + EARN, {name: "geheim"}) == [f"{name}: {NOT_YET}"]

    def test_cannot_give_it_at_its_default_either(self, files: Files) -> None:
        assert files.faults(SMALL, {"LOYALTY_SCHEDULE__SWEEP": "04:00"}) == [f"LOYALTY_SCHEDULE__SWEEP: {NOT_YET}"]
