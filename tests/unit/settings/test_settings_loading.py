from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from connector.errors import Misconfigured
from connector.settings import AirMilesPartner, Partner, UplyftPartner, example, load
from tests.unit.settings.settings_files import AIR, EARN, EXAMPLE_SECRETS, PARTNER, SCHEME, SECRETS, SMALL, Files

CONFIG = Path(__file__).parents[3] / "config"


class TestTheFile:
    def test_is_the_one_named(self, files: Files) -> None:
        assert files.load().chain.name == "Alpenglow Hotels"

    def test_is_else_the_one_of_the_environment(self, files: Files) -> None:
        (files.directory / "other.toml").write_text(SMALL)
        environ = {**SECRETS, "LOYALTY_CONFIG": str(files.directory / "other.toml")}
        assert load(None, environ).file == files.directory / "other.toml"

    def test_is_else_in_the_working_directory(self, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        (files.directory / "connector.toml").write_text(SMALL)
        monkeypatch.chdir(files.directory)
        assert load(None, SECRETS).file == files.directory / "connector.toml"

    def test_that_is_missing_is_a_fault_and_not_an_empty_configuration(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="does not exist; expected a configuration file"):
            load(tmp_path / "nowhere.toml", SECRETS)

    def test_that_is_a_directory_is_a_fault(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="cannot be read"):
            load(tmp_path, SECRETS)

    def test_with_a_syntax_error_is_told_with_its_line(self, files: Files) -> None:
        (line,) = files.faults('[chain]\nname = "Alpenglow\n')
        assert line.startswith("connector.toml: line 2: ")
        assert line.endswith("; expected TOML")

    def test_in_another_encoding_is_a_fault(self, files: Files) -> None:
        (files.directory / "latin.toml").write_bytes('[chain]\nname = "Zürich"'.encode("latin-1"))
        with pytest.raises(Misconfigured, match=r"latin.toml: is not UTF-8"):
            load(files.directory / "latin.toml", SECRETS)

    def test_may_begin_with_the_mark_that_windows_editors_write(self, files: Files) -> None:
        assert files.load("\ufeff" + SMALL).chain.name == "Alpenglow Hotels"

    def test_with_a_character_that_no_database_takes_is_told_where(self, files: Files) -> None:
        text = '[chain]\nname = "a\\u0000b"\n[x]\n"c\\u0000" = ["", {y = "\\u0000"}]\n'
        assert files.faults(text) == [
            "connector.toml: chain.name: holds the character NUL; expected text",
            'connector.toml: x."c\\u0000": holds the character NUL; expected text',
            'connector.toml: x."c\\u0000"[1].y: holds the character NUL; expected text',
        ]

    def test_with_tables_within_tables_without_end_is_a_fault(self, files: Files) -> None:
        assert files.faults(f"{'.'.join('a' * 5000)} = 1\n") == [
            "connector.toml: a.a.a: holds more than 20 tables within tables; expected fewer"
        ]

    def test_with_an_absurd_name_is_told_with_its_beginning(self, files: Files) -> None:
        (line,) = files.faults(f"{SMALL}[{'n' * 5000}]\n")
        assert line.startswith(f'connector.toml: "{"n" * 100}...": is not a known')

    def test_with_an_absurd_number_is_a_fault(self, files: Files) -> None:
        (line,) = files.faults(f"number = {'9' * 5000}")
        assert line.startswith("connector.toml: ")


class TestDefaults:
    def test_of_the_fixed_tables_are_the_documented_ones(self, files: Files) -> None:
        settings = files.load()
        assert settings.mews.limits.requests == 200
        assert settings.mews.limits.window == timedelta(seconds=30)
        assert settings.mews.visibility == timedelta(seconds=60)
        assert settings.matching.by == ("mews_id", "membership", "loyalty_code", "email_and_name")
        assert settings.alignment.max_removals == 50
        assert settings.schedule.align == timedelta(minutes=5)
        assert settings.schedule.deliver == timedelta(seconds=15)
        assert settings.logging.level == "INFO"

    def test_leave_both_roads_off(self, files: Files) -> None:
        settings = files.load()
        assert settings.scheme is None
        assert settings.partners == {}

    def test_of_a_partner_are_careful(self, files: Files) -> None:
        partner = files.load(SMALL + PARTNER + EARN).partners["mm"]
        assert (partner.mode, partner.hold, partner.which, partner.earner) == (
            "shadow",
            "settled",
            "primary",
            "owner",
        )
        assert partner.max_age == timedelta(days=395)
        assert partner.settle_timeout == timedelta(days=90)

    def test_of_a_rule_count_room_nights_only(self, files: Files) -> None:
        rule = files.load(SMALL + PARTNER + EARN).partners["mm"].earn[0]
        assert rule.items == ("SpaceOrder",)
        assert rule.per == Decimal("1.00")
        assert rule.travel_agencies == "none"
        assert rule.currency is None

    def test_of_history_reach_back_four_hundred_days(self, files: Files) -> None:
        assert files.load().mews.history == timedelta(days=400)

    def test_of_history_reach_beyond_the_longest_age_of_any_partner(self, files: Files) -> None:
        settings = files.load(SMALL + PARTNER + 'max_age = "1200d"' + EARN)
        assert settings.mews.history == timedelta(days=1205)
        assert settings.source_of("mews.history") == "default"

    def test_never_stretch_a_history_that_was_given(self, files: Files) -> None:
        text = SMALL.replace("[mews]", '[mews]\nhistory = "30d"') + PARTNER + EARN
        assert files.load(text).mews.history == timedelta(days=30)


class TestPartners:
    def test_are_read_by_their_channel(self, files: Files) -> None:
        partners = files.load(SMALL + PARTNER + EARN + AIR).partners
        assert isinstance(partners["mm"], UplyftPartner)
        assert isinstance(partners["air"], AirMilesPartner)
        assert all(isinstance(partner, Partner) for partner in partners.values())

    def test_cannot_be_changed_once_read(self, files: Files) -> None:
        settings = files.load()
        with pytest.raises(ValidationError):
            settings.chain.name = "Other"  # type: ignore[misc]


class TestRelativePaths:
    def test_are_relative_to_the_file(self, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir("/")
        settings = files.load(SMALL + SCHEME)
        assert settings.scheme is not None
        assert settings.scheme.path == files.directory / "members.csv"

    def test_of_the_database_too_also_by_default(self, files: Files) -> None:
        assert files.load().database.url == f"sqlite:///{files.directory}/connector.db"
        given = files.load(SMALL + '[database]\nurl = "sqlite:///data/x.db"')
        assert given.database.url == f"sqlite:///{files.directory}/data/x.db"

    def test_leave_absolute_ones_alone(self, files: Files) -> None:
        given = files.load(SMALL + '[database]\nurl = "sqlite:////var/lib/x.db"')
        assert given.database.url == "sqlite:////var/lib/x.db"

    def test_leave_postgresql_alone(self, files: Files) -> None:
        url = "postgresql+psycopg://loyalty@db.internal/loyalty"
        assert files.load(SMALL + f'[database]\nurl = "{url}"').database.url == url


class TestSources:
    def test_are_known_for_every_value(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "geheim\n")
        wien = "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN"
        environ = {"LOYALTY_SECRETS_DIR": folder, wien: "x", "LOYALTY_LOGGING__LEVEL": "DEBUG"}
        settings = files.load(SMALL, environ, secrets=False)
        assert settings.source_of("chain.name") == "file"
        assert settings.source_of("programs[0].code") == "file"
        assert settings.source_of("logging.level") == "environment LOYALTY_LOGGING__LEVEL"
        assert settings.source_of("mews.client_token") == f"secret file {folder}/mews__client_token"
        assert settings.source_of("logging.format") == "default"


class TestTheExample:
    def test_loads_with_secrets_in_the_environment(self) -> None:
        settings = load(CONFIG / "connector.example.toml", EXAMPLE_SECRETS)
        assert set(settings.partners) == {"miles_and_more", "air_miles"}

    def test_is_the_one_that_the_package_ships(self) -> None:
        assert (CONFIG / "connector.example.toml").read_text(encoding="utf-8") == example()
