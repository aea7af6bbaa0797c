"""Whether the parts of a configuration fit each other, and what is only advised."""

from __future__ import annotations

import pytest

from connector.settings import notes, warnings
from tests.unit.settings.settings_files import AIR, EARN, PARTNER, QUERY, SCHEME, SMALL, Files

LIVE = 'mode = "live"\nstart = 2026-12-01\ndaily_ceiling = 200000\n'


class TestParts:
    def test_a_partners_program_is_one_of_the_programs(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER.replace('"MM"', '"MN"') + EARN)
        assert line == (
            'connector.toml: partners.mm.program: "MN" is not the code of any [[programs]]; '
            "expected the code of one of them"
        )

    def test_a_misspelt_program_is_answered_with_the_nearest(self, files: Files) -> None:
        text = SMALL.replace('"MM"', '"ALPEN"') + SCHEME.replace('"MM"', '"ALPIN"')
        (line,) = files.faults(text)
        assert line.endswith('scheme.program: "ALPIN" is not the code of any [[programs]]; did you mean "ALPEN"?')

    def test_a_partner_without_earn_rules_is_a_fault(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER)
        assert line == ("connector.toml: partners.mm.earn: the partner has no earn rule; expected [[partners.mm.earn]]")

    def test_live_mode_requires_a_start_and_a_ceiling(self, files: Files) -> None:
        start, ceiling = files.faults(SMALL + PARTNER + 'mode = "live"' + EARN)
        assert "partners.mm.start: is missing, and live mode requires it" in start
        assert "partners.mm.daily_ceiling: is missing, and live mode requires it" in ceiling

    @pytest.mark.parametrize("own", ["", '[database]\nurl = "sqlite:///./data/../connector.db"'])
    def test_the_members_database_is_not_the_connectors_own(self, files: Files, own: str) -> None:
        text = SMALL + QUERY + own
        for url in ("sqlite:///connector.db", f"sqlite:///{files.directory}/connector.db"):
            assert files.faults(text.replace("sqlite:///crm.db", url)) == [
                "connector.toml: scheme.url: is the connector's own database; expected the one that holds the members"
            ]
        assert files.load(text).scheme

    def test_one_postgresql_database_may_hold_both(self, files: Files) -> None:
        url = "postgresql+psycopg://loyalty@db/hotels"
        text = SMALL + QUERY.replace("sqlite:///crm.db", url) + f'[database]\nurl = "{url}"\n[privacy]\n'
        assert files.load(text, {"LOYALTY_PRIVACY__HASH_KEY": "geheim" * 8}).database.url == url

    def test_a_file_is_no_folder(self, files: Files) -> None:
        (files.directory / "members.csv").mkdir()
        assert files.faults(SMALL + SCHEME) == [
            'connector.toml: scheme.path: "members.csv" is a folder; expected a file'
        ]
        exchanges = '[partners.air.exchanges]\npath = "."\nanswers = "answers.csv"\n'
        assert files.faults(SMALL + AIR + exchanges) == [
            'connector.toml: partners.air.exchanges.path: "." is a folder; expected a file'
        ]

    def test_a_file_need_not_be_there_yet(self, files: Files) -> None:
        assert files.load(SMALL + SCHEME).scheme

    def test_codes_stand_once(self, files: Files) -> None:
        program = SMALL[SMALL.index("[[programs]]") :]
        tier = '{ code = "GOLD", name = "Gold", ordering = 1 }'
        tiers, programs = files.faults(SMALL + f"tiers = [ {tier}, {tier} ]\n" + program)[::-1]
        assert 'programs[1].code: "MM" stands twice; expected each code once' in programs
        assert 'programs[0].tiers[1].code: "GOLD" stands twice; expected each code once' in tiers

    @pytest.mark.parametrize(("user", "name"), [(SCHEME, "scheme"), (PARTNER + EARN, "partners.mm")])
    def test_a_program_that_is_needed_is_not_gone(self, files: Files, user: str, name: str) -> None:
        (line,) = files.faults(SMALL + "gone = true\n" + user)
        assert line == f"connector.toml: programs[0].gone: true, but [{name}] needs the program; expected false"

    def test_a_program_that_nobody_needs_may_be_gone(self, files: Files) -> None:
        other = SMALL[SMALL.index("[[programs]]") :].replace('"MM"', '"OLD"')
        assert [each.gone for each in files.load(SMALL + other + "gone = true\n" + SCHEME).programs] == [False, True]

    @pytest.mark.parametrize(
        ("tiers", "line"),
        [
            (
                '{ code = "B", formerly = "B" }',
                'tiers[0].formerly: "B" is the code of a tier of this program; expected',
            ),
            ('{ code = "B", formerly = "C" }, { code = "C" }', 'tiers[0].formerly: "C" is the code of a tier of this'),
            ('{ code = "B", formerly = "A" }, { code = "C", formerly = "A" }', 'tiers[1].formerly: "A" stands twice'),
            (
                '{ code = "B", formerly = "A", gone = true }',
                "tiers[0].formerly: stands on a tier that is gone; expected",
            ),
        ],
    )
    def test_a_former_code_is_nobodys_now(self, files: Files, tiers: str, line: str) -> None:
        whole = tiers.replace("{ ", '{ name = "N", ordering = 1, ')
        (found,) = files.faults(SMALL + f"tiers = [ {whole} ]\n")
        assert found.startswith(f"connector.toml: programs[0].{line}")

    def test_former_codes_that_are_empty_are_none(self, files: Files) -> None:
        tiers = [f'{{ code = "{code}", name = "N", ordering = 1, formerly = "" }}' for code in "AB"]
        (program,) = files.load(SMALL + f"tiers = [ {', '.join(tiers)} ]\n").programs
        assert [tier.formerly for tier in program.tiers] == ["", ""]

    def test_a_tier_is_not_gone_within_a_program_that_is(self, files: Files) -> None:
        tier = '{ code = "A", name = "N", ordering = 1, gone = true }'
        (line,) = files.faults(SMALL + f"gone = true\ntiers = [ {tier} ]\n")
        assert line == (
            "connector.toml: programs[0].tiers[0].gone: stands in a program that is gone as a whole; "
            "expected it to be absent"
        )

    def test_names_of_rules_and_words_of_matching_stand_once(self, files: Files) -> None:
        rule = EARN + 'name = "base"'
        text = SMALL + PARTNER + rule + rule + '\n[matching]\nby = ["mews_id", "mews_id"]'
        matching, rules = files.faults(text)
        assert 'matching.by[1]: "mews_id" stands twice' in matching
        assert 'partners.mm.earn[1].name: "base" stands twice' in rules

    def test_a_window_ends_after_it_begins(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + EARN + "departure = { from = 2026-02-01, to = 2026-01-01 }")
        assert line.endswith("earn[0].departure: ends before it begins; expected to = 2026-02-01 or later")

    def test_a_property_is_needed(self, files: Files) -> None:
        text = SMALL.replace("[mews.properties.wien]", "[mews.properties]")
        (line,) = files.faults(text, {"LOYALTY_MEWS__CLIENT_TOKEN": "x"}, secrets=False)
        assert line == "connector.toml: mews.properties: is empty; expected at least one entry"


class TestWarnings:
    def test_are_none_for_a_careful_configuration(self, files: Files) -> None:
        assert warnings(files.load(SMALL + PARTNER + EARN)) == []

    def test_name_a_hold_of_none_where_miles_cannot_be_taken_back(self, files: Files) -> None:
        (line,) = warnings(files.load(SMALL + PARTNER + 'hold = "none"' + EARN))
        assert line == (
            'connector.toml: partners.mm.hold: "none" sends before the folio is final, '
            "and this channel cannot take miles back"
        )

    def test_let_a_hold_of_none_be_where_miles_can_be_taken_back(self, files: Files) -> None:
        text = SMALL + AIR.replace("[[", 'hold = "none"\nlocation_codes = { wien = "0037" }\n[[')
        assert warnings(files.load(text)) == []

    def test_name_an_age_beyond_the_history(self, files: Files) -> None:
        text = SMALL.replace("[mews]", '[mews]\nhistory = "30d"') + PARTNER + EARN
        (line,) = warnings(files.load(text))
        assert "partners.mm.max_age: 395d is longer than mews.history (30d)" in line

    @pytest.mark.parametrize("key", ['who_pays = "guest"', "require_paid = true"])
    def test_name_bills_that_a_portfolio_token_may_not_see(self, files: Files, key: str) -> None:
        text = SMALL + PARTNER + key + EARN
        assert warnings(files.load(text)) == []
        (line,) = warnings(
            files.load(text.replace("[mews.properties.wien]", "[mews.properties.wien]\nportfolio = true"))
        )
        assert f"partners.mm.{key.split(maxsplit=1)[0]}: asks for bills" in line
        assert "[mews.properties.wien] reaches needs an access token of its own" in line

    def test_name_a_send_that_cannot_be_repeated(self, files: Files) -> None:
        (line,) = warnings(files.load(SMALL + PARTNER + "unique_id = false" + EARN))
        assert "partners.mm.unique_id: false" in line

    def test_name_an_air_miles_partner_without_locations(self, files: Files) -> None:
        (line,) = warnings(files.load(SMALL + AIR))
        assert line == "connector.toml: partners.air.location_codes: is empty, so that no property earns"

    def test_name_test_systems_under_a_live_partner(self, files: Files) -> None:
        text = SMALL + AIR.replace("[[", LIVE + 'location_codes = { wien = "1" }\n[[')
        found = warnings(files.load(text))
        assert [line.split(": ")[1] for line in found] == [
            "mews.platform_address",
            "partners.air.endpoint",
            "partners.air.token_endpoint",
            "partners.air.sponsor_codes",
        ]


class TestNotes:
    def test_list_what_a_live_partner_leaves_at_its_default(self, files: Files) -> None:
        found = notes(files.load(SMALL + PARTNER + LIVE + 'hold = "7d"' + EARN + 'items = ["SpaceOrder"]'))
        partner, rule = found
        assert partner == (
            'connector.toml: partners.mm: left at the default: require_paid (false), who_pays ("any"), '
            'max_age ("395d"), which ("primary"), earner ("owner"), rooms (1), stitch (false), number_check ("warn"); '
            "compare with the partner contract"
        )
        assert rule.startswith("connector.toml: partners.mm.earn[0]: left at the default: ")
        assert ' travel_agencies ("none"),' in rule
        assert ' amount ("gross"),' in rule
        assert " items (" not in rule

    def test_are_silent_about_money_where_nights_are_counted(self, files: Files) -> None:
        found = notes(files.load(SMALL + AIR.replace("[[", LIVE + "[[")))
        assert not any(" per (" in line for line in found)

    def test_are_silent_about_a_price_where_there_are_steps(self, files: Files) -> None:
        _, rule = notes(files.load(SMALL + PARTNER + LIVE + EARN + 'tiers = [ { per = "2.00" } ]'))
        assert " per (" not in rule
        assert ' amount ("gross"),' in rule

    def test_are_silent_before_going_live(self, files: Files) -> None:
        assert notes(files.load(SMALL + PARTNER + EARN)) == []
