from __future__ import annotations

import json

import pytest

from connector.settings import unavailable
from tests.unit.settings.settings_files import EARN, PARTNER, SCHEME, SMALL, Files

OTHER = {bool: "true", int: "7", str: '"other"', list: '["other"]', dict: '{ GOLD = "1.25" }'}


def file_with(pattern: str, value: str) -> str:
    *table, name = pattern.split(".")
    place = {"programs": SMALL, "partners": SMALL + PARTNER}[table[0]]
    return (
        place + f"{name} = {value}" + EARN
        if table[-1] == "*" and len(table) == 2
        else place + EARN + f"{name} = {value}"
    )


def keys(*, of: str) -> list[str]:
    return [pattern for pattern in unavailable.KEYS if pattern.startswith(of)]


class TestKeysThatComeLater:
    @pytest.mark.parametrize("pattern", keys(of="partners."))
    def test_are_refused_and_not_ignored(self, files: Files, pattern: str) -> None:
        value = OTHER[type(unavailable.KEYS[pattern])]
        (line,) = files.faults(file_with(pattern, value))
        assert line.split(": ")[1].endswith(pattern.rsplit(".", maxsplit=1)[-1])
        assert line.endswith("is not yet available in this version; expected it to be absent")

    @pytest.mark.parametrize("pattern", keys(of="partners."))
    def test_may_stand_at_their_default(self, files: Files, pattern: str) -> None:
        default = unavailable.KEYS[pattern]
        assert files.load(file_with(pattern, "{}" if default == {} else json.dumps(default))).partners["mm"]

    def test_include_the_deletion_of_programs(self, files: Files) -> None:
        assert files.load(SMALL + "gone = false")
        (line,) = files.faults(SMALL + "gone = true")
        assert line.startswith("connector.toml: programs[0].gone: is not yet available in this version")

    def test_are_not_mistaken_for_their_default_in_another_type(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + "rooms = true" + EARN)
        assert "partners.mm.rooms: is not yet available" in line


class TestValuesThatComeLater:
    @pytest.mark.parametrize("kind", ["http", "sql", "qiibee"])
    def test_include_other_sources_of_members(self, files: Files, kind: str) -> None:
        text = SMALL + f'[scheme]\nprogram = "MM"\nkind = "{kind}"\nurl = "https://members.example"'
        assert files.faults(text, {"LOYALTY_SCHEME__TOKEN": "geheim"}) == [
            f'connector.toml: scheme.kind: "{kind}" is not yet available in this version; expected "csv"'
        ]

    @pytest.mark.parametrize("channel", ["qiibee", "lufthansa"])
    def test_include_other_channels(self, files: Files, channel: str) -> None:
        text = SMALL + f'[partners.x]\nprogram = "MM"\nchannel = "{channel}"\nbrand = "b"'
        assert files.faults(text, {"LOYALTY_PARTNERS__X__API_KEY": "geheim"}) == [
            f'connector.toml: partners.x.channel: "{channel}" is not yet available in this version; '
            'expected "uplyft" or "airmiles"'
        ]

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("alignment.downgrade", SMALL + '[alignment]\ndowngrade = "after_stay"'),
            ("partners.mm.earner", SMALL + PARTNER + 'earner = "booker"' + EARN),
            ("partners.mm.earner", SMALL + PARTNER + 'earner = "companions"' + EARN),
            ("partners.mm.correction", SMALL + PARTNER + 'correction = "difference"' + EARN),
            ("partners.mm.earn[0].basis", SMALL + PARTNER + EARN.replace("spend", "visit")),
            ("partners.mm.earn[0].travel_agencies", SMALL + PARTNER + EARN + 'travel_agencies = ["Agency"]'),
            ("partners.mm.earn[0].companies", SMALL + PARTNER + EARN + 'companies = ["Company"]'),
            ("partners.mm.earn[0].blocks", SMALL + PARTNER + EARN + 'blocks = ["Block"]'),
        ],
    )
    def test_are_refused_in_one_line(self, files: Files, key: str, text: str) -> None:
        (line,) = files.faults(text)
        assert line.startswith(f"connector.toml: {key}: ")
        assert "is not yet available in this version; expected " in line

    def test_leave_the_values_of_today_alone(self, files: Files) -> None:
        text = SMALL + SCHEME + '[alignment]\ndowngrade = "at_once"' + PARTNER + 'earner = "owner"' + EARN
        assert files.load(text + 'blocks = "none"').partners["mm"].earn[0].blocks == "none"
