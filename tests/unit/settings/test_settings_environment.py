from __future__ import annotations

import pytest

from tests.unit.settings.settings_files import EARN, PARTNER, SCHEME, SECRETS, SMALL, Files


class TestTheEnvironment:
    def test_wins_over_the_file(self, files: Files) -> None:
        settings = files.load(SMALL + '[logging]\nlevel = "INFO"', {"LOYALTY_LOGGING__LEVEL": "DEBUG"})
        assert settings.logging.level == "DEBUG"

    def test_gives_numbers_and_dates_and_truths_as_such(self, files: Files) -> None:
        environ = {
            "LOYALTY_MEWS__LIMITS__REQUESTS": "100",
            "LOYALTY_ALIGNMENT__MAX_REMOVAL_SHARE": "0.5",
            "LOYALTY_PARTNERS__MM__START": "2026-12-01",
            "LOYALTY_PARTNERS__MM__UNIQUE_ID": "false",
        }
        settings = files.load(SMALL + PARTNER + EARN, environ)
        assert settings.mews.limits.requests == 100
        assert settings.alignment.max_removal_share == 0.5
        assert str(settings.partners["mm"].start) == "2026-12-01"
        assert settings.partners["mm"].model_dump()["unique_id"] is False

    def test_is_named_in_the_fault_of_its_value(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_MEWS__LIMITS__REQUESTS": "many"})
        assert line.startswith('LOYALTY_MEWS__LIMITS__REQUESTS: "many" is not a whole number; ')

    def test_may_be_written_in_any_case(self, files: Files) -> None:
        assert files.load(SMALL, {"loyalty_logging__level": "ERROR"}).logging.level == "ERROR"

    def test_leaves_foreign_names_alone(self, files: Files) -> None:
        assert files.load(SMALL, {"PATH": "/bin", "LOYAL": "x", "MEWS__CLIENT_TOKEN": "y"}).chain.name


class TestPhantomTables:
    def test_another_spelling_of_a_table_is_no_second_table(self, files: Files) -> None:
        text = SMALL.replace("properties.wien", "properties.Wien")
        assert files.faults(text) == [
            'connector.toml: mews.properties.Wien: is not a table name; expected lower-case words like "miles_and_more"'
        ]

    def test_a_misspelt_table_in_the_environment_makes_none(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_MEWS__PROPERTIES__WEIN__ACCESS_TOKEN": "geheim"})
        assert line == (
            "LOYALTY_MEWS__PROPERTIES__WEIN__ACCESS_TOKEN: meets no setting that the environment can give; "
            "did you mean LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN?"
        )

    def test_a_whole_table_cannot_be_given(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_PARTNERS": '{"mm": {"app_secret": "geheim"}}'})
        assert line.startswith("LOYALTY_PARTNERS: meets no setting")
        assert "geheim" not in line

    def test_a_scheme_cannot_be_switched_on(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_SCHEME__PATH": "members.csv"})
        assert line.startswith("LOYALTY_SCHEME__PATH: meets no setting")

    def test_a_scheme_of_the_file_can_be_changed(self, files: Files) -> None:
        scheme = files.load(SMALL + SCHEME, {"LOYALTY_SCHEME__MODE": "changes"}).scheme
        assert scheme is not None
        assert scheme.mode == "changes"

    def test_a_list_cannot_be_given(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_MATCHING__BY": '["mews_id"]'})
        assert line.startswith("LOYALTY_MATCHING__BY: meets no setting")


class TestStrangers:
    def test_are_answered_with_what_was_probably_meant(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_MEWS__VISIBILTY": "30s"})
        assert line.endswith("did you mean LOYALTY_MEWS__VISIBILITY?")

    def test_without_a_neighbour_are_told_what_is_expected(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_NOTHING_LIKE_IT": "geheim"})
        assert line.endswith("expected the name of a setting whose table is in the file")
        assert "geheim" not in line

    @pytest.mark.parametrize(
        "name",
        [
            "LOYALTY_CONNECTOR_SERVICE_HOST",
            "LOYALTY_CONNECTOR_SERVICE_PORT",
            "LOYALTY_CONNECTOR_SERVICE_PORT_HTTP",
            "LOYALTY_CONNECTOR_PORT",
            "LOYALTY_CONNECTOR_PORT_8080_TCP",
            "LOYALTY_CONNECTOR_PORT_8080_TCP_ADDR",
            "LOYALTY_CONNECTOR_PORT_8080_TCP_PORT",
            "LOYALTY_CONNECTOR_PORT_8080_TCP_PROTO",
            "LOYALTY_SERVICE_HOST",
        ],
    )
    def test_that_kubernetes_injects_are_let_be(self, files: Files, name: str) -> None:
        assert files.load(SMALL, {name: "10.0.0.1"}).chain.name

    @pytest.mark.parametrize("name", ["LOYALTY_WEB__PORT", "LOYALTY_WEB__SERVICE_HOST", "LOYALTY_CONNECTOR_HOST"])
    def test_that_only_resemble_those_are_faults(self, files: Files, name: str) -> None:
        assert len(files.faults(SMALL, {name: "x"})) == 1

    def test_below_a_table_that_cannot_be_judged_make_no_second_fault(self, files: Files) -> None:
        text = (
            SMALL
            + '[partners.q]\nprogram = "MM"\nchannel = "qibee"\n'
            + '[[partners.q.earn]]\nbasis = "stay"\nmiles = 1'
        )
        (line,) = files.faults(text, {"LOYALTY_PARTNERS__Q__API_KEY": "geheim"})
        assert line.startswith('connector.toml: partners.q: "qibee" is not a channel; ')

    def test_are_told_together_with_everything_else(self, files: Files) -> None:
        lines = files.faults("", {**SECRETS, "LOYALTY_X": "1"})
        assert lines[0] == "connector.toml: chain: is missing; expected a table [chain]"
        assert any(line.startswith("LOYALTY_X: ") for line in lines)
