from __future__ import annotations

import pytest

from connector.errors import Misconfigured
from connector.settings import example
from tests.unit.settings.settings_files import EARN, EXAMPLE_SECRETS, PARTNER, SCHEME, SMALL, Files

TEN = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Wien"
[mews]
histroy = "400d"
visibility = "60"
[mews.properties.wien]
[[programs]]
code = "MM"
name = "Miles & More"
type = "Airline"
subscription = "Free"
[scheme]
program = "ALPEN"
path = "members.csv"
[partners.mm]
program = "MM"
channel = "uplyft"
endpoint = "http://api.uplyft.com"
mode = "live"
start = 2026-12-01
[[partners.mm.earn]]
basis = "spend"
miles = 1
per = 1.0
[database]
url = "postgresql+psycopg://loyalty:geheim@db/loyalty"
"""


class TestFaults:
    def test_are_told_all_at_once_one_line_each(self, files: Files) -> None:
        lines = files.faults(TEN, {"LOYALTY_LOGGING__LEVLE": "DEBUG"})
        assert len(lines) == 10
        assert [line.rsplit(": ", 1)[0].split(": ")[-1] for line in lines] == [
            "chain.time_zone",
            "mews.visibility",
            "mews.histroy",
            "programs[0].type",
            "partners.mm.earn[0].per",
            "partners.mm.endpoint",
            "database.url",
            "scheme.program",
            "partners.mm.daily_ceiling",
            "LOYALTY_LOGGING__LEVLE",
        ]
        assert all("; " in line and "\n" not in line and "geheim" not in line for line in lines)

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (
                "[mews.limits]\nrequest = 5",
                'mews.limits.request: is not a known key; did you mean "requests"?',
            ),
            ('[wbe]\nlisten = "x"', 'wbe: is not a known key; did you mean "web"?'),
            ("[unheard_of]", "unheard_of: is not a known key; expected one that"),
            ("[matching]\nhow = 1", "matching.how: is not a known key; expected one that"),
            ('["a\\nb"]', '"a\\nb": is not a known key; expected one that'),
            ("[_env_file]", "_env_file: is not a known key; expected one that"),
            (PARTNER + "romms = 1" + EARN, 'partners.mm.romms: is not a known key; did you mean "rooms"?'),
            (
                PARTNER + EARN + "mils = 1",
                'partners.mm.earn[0].mils: is not a known key; did you mean "miles"?',
            ),
            (
                PARTNER + EARN + "departure = { form = 2026-01-01 }",
                'departure.form: is not a known key; did you mean "from"?',
            ),
        ],
    )
    def test_of_unknown_keys_say_what_was_probably_meant(self, files: Files, text: str, line: str) -> None:
        (found,) = files.faults(SMALL + text)
        assert line in found

    def test_of_missing_keys_say_what_they_are(self, files: Files) -> None:
        (line,) = files.faults(SMALL + SCHEME.replace('path = "members.csv"', ""))
        assert line == "connector.toml: scheme.path: is missing; expected the members file"

    def test_of_a_misspelt_word_in_a_long_list_name_the_nearest(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + EARN + 'items = ["Spaceorder"]')
        assert line.endswith('earn[0].items[0]: "Spaceorder" is not one of the words; did you mean "SpaceOrder"?')

    def test_of_a_list_do_not_call_it_empty_when_its_only_word_is_wrong(self, files: Files) -> None:
        (line,) = files.faults(SMALL + '[matching]\nby = ["email"]')
        assert line.startswith('connector.toml: matching.by[0]: "email" is not one of the words; expected "mews_id"')

    def test_without_a_channel_say_so(self, files: Files) -> None:
        (line,) = files.faults(SMALL + '[partners.mm]\nprogram = "MM"' + EARN)
        expected = 'channel = "uplyft", "qiibee", "lufthansa" or "airmiles"'
        assert line == f"connector.toml: partners.mm: has no channel; expected {expected}"


WRONG = [
    "5",
    "1.5",
    "true",
    '""',
    '"geheim-file"',
    "[]",
    "[[1]]",
    "[{}]",
    "{ a = { b = 1 } }",
    "2026-01-01",
    "nan",
    '"a\\nb"',
]


class TestWhateverStandsInTheFile:
    """No value of any type at any key ends in anything but settings or sentences."""

    @pytest.mark.parametrize("wrong", WRONG)
    def test_a_value_of_any_type_is_settings_or_sentences(self, files: Files, wrong: str) -> None:
        lines = example().splitlines()
        simple = [place for place, line in enumerate(lines) if " = " in line and line[0].isalpha() and line[-1] != "["]
        assert len(simple) > 80
        for place in simple:
            name = lines[place].split(" = ")[0]
            self.judge(files, "\n".join([*lines[:place], f"{name} = {wrong}", *lines[place + 1 :]]))

    @pytest.mark.parametrize("wrong", WRONG)
    @pytest.mark.parametrize(
        "table", ["chain", "mews", "programs", "scheme", "matching", "partners", "web", "database"]
    )
    def test_in_the_place_of_a_table_too(self, files: Files, table: str, wrong: str) -> None:
        self.judge(files, f"{table} = {wrong}")

    @pytest.mark.parametrize("wrong", WRONG)
    @pytest.mark.parametrize(
        "key",
        [
            "mews.properties",
            "mews.properties.wien",
            "mews.limits",
            "partners.x",
            "partners.x.earn",
            "programs.x",
        ],
    )
    def test_in_the_place_of_an_inner_table_too(self, files: Files, key: str, wrong: str) -> None:
        self.judge(files, f'{key} = {wrong}\npartners.y.channel = "uplyft"\nscheme.kind = {wrong}')

    def judge(self, files: Files, text: str) -> None:
        lines = self.lines(files, text)
        assert all("\n" not in line and line.split(": ", 1)[1] for line in lines)
        assert not any(secret in line for line in lines for secret in EXAMPLE_SECRETS.values())

    def lines(self, files: Files, text: str) -> tuple[str, ...]:
        try:
            files.load(text, EXAMPLE_SECRETS, secrets=False)
        except Misconfigured as error:
            return error.faults or ("a failure: that tells nothing\n",)
        return ()
