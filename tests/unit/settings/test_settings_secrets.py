from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from connector.settings import Settings, secret_files, warnings
from tests.unit.settings.settings_files import AIR, EARN, PARTNER, SECRETS, SMALL, Files, secrets_for

WIEN = {"LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "geheim-2"}


class TestSecretFiles:
    def test_are_named_like_the_setting_without_the_prefix(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "  from-file\n")
        settings = files.load(SMALL, {**WIEN, "LOYALTY_SECRETS_DIR": folder}, secrets=False)
        assert settings.mews.client_token.get_secret_value() == "from-file"

    def test_lose_against_the_environment(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "from-file")
        settings = files.load(SMALL, {"LOYALTY_SECRETS_DIR": folder})
        assert settings.mews.client_token.get_secret_value() == "geheim-1"

    def test_are_else_in_the_directory_of_systemd(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "from-systemd")
        settings = files.load(SMALL, {**WIEN, "CREDENTIALS_DIRECTORY": folder}, secrets=False)
        assert settings.mews.client_token.get_secret_value() == "from-systemd"

    def test_are_else_in_the_shared_directory(self, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = files.secret("s", "mews__client_token", "from-container")
        monkeypatch.setattr(secret_files, "SHARED", Path(folder))
        settings = files.load(SMALL, WIEN, secrets=False)
        assert settings.mews.client_token.get_secret_value() == "from-container"

    def test_are_only_opened_when_their_name_is_known(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "from-file")
        (Path(folder) / "foreign").write_bytes(b"\xff\xfe")
        (Path(folder) / "kubernetes.io").mkdir()
        assert files.load(SMALL, {**WIEN, "CREDENTIALS_DIRECTORY": folder}, secrets=False)

    def test_may_be_links_as_kubernetes_makes_them(self, files: Files) -> None:
        folder = Path(files.secret("s", "..data", "linked"))
        (folder / "mews__client_token").symlink_to("..data")
        settings = files.load(SMALL, {**WIEN, "LOYALTY_SECRETS_DIR": str(folder)}, secrets=False)
        assert settings.mews.client_token.get_secret_value() == "linked"

    def test_never_make_a_table(self, files: Files) -> None:
        folder = files.secret("s", "mews__properties__graz__access_token", "geheim")
        settings = files.load(SMALL, {"LOYALTY_SECRETS_DIR": folder})
        assert set(settings.mews.properties) == {"wien"}

    def test_that_meet_nothing_are_a_warning(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_tokn", "geheim")
        settings = files.load(SMALL, {"LOYALTY_SECRETS_DIR": folder})
        assert warnings(settings) == [f"{folder}/mews__client_tokn: meets no secret; did you mean mews__client_token?"]

    def test_never_hold_other_settings(self, files: Files) -> None:
        folder = files.secret("s", "logging__level", "DEBUG")
        assert files.load(SMALL, {"LOYALTY_SECRETS_DIR": folder}).logging.level == "INFO"

    def test_that_are_not_text_are_a_fault(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "")
        (Path(folder) / "mews__client_token").write_bytes(b"\xff\xfe")
        lines = files.faults(SMALL, {**WIEN, "LOYALTY_SECRETS_DIR": folder}, secrets=False)
        assert f"{folder}/mews__client_token: is not UTF-8; expected a secret as text" in lines

    def test_with_a_line_break_inside_are_a_fault(self, files: Files) -> None:
        folder = files.secret("s", "mews__client_token", "geheim\ngeheimer")
        lines = files.faults(SMALL, {**WIEN, "LOYALTY_SECRETS_DIR": folder}, secrets=False)
        told = "the secret holds a line break or another control character; expected one line"
        assert len(lines) == 1
        assert lines[0].endswith(f"mews.client_token: {told}")
        assert "geheim" not in lines[0]

    def test_of_a_header_hold_what_a_header_can_carry(self, files: Files) -> None:
        line = next(iter(files.faults(SMALL + "[alerts]", {"LOYALTY_ALERTS__WEBHOOK_TOKEN": "gehéim"})))
        assert "another character that no header can carry" in line
        assert "gehéim" not in line

    def test_of_the_hashes_have_any_form(self, files: Files) -> None:
        folder = files.secret("s", "privacy__hash_key", "one\ntwo é")
        settings = files.load(SMALL, {"LOYALTY_SECRETS_DIR": folder})
        assert settings.privacy.hash_key is not None
        assert settings.privacy.hash_key.get_secret_value() == "one\ntwo é"

    def test_that_cannot_be_read_are_a_fault(self, files: Files) -> None:
        folder = files.secret("s", "other", "")
        os.mkdir(Path(folder) / "mews__client_token")
        lines = files.faults(SMALL, {**WIEN, "LOYALTY_SECRETS_DIR": folder}, secrets=False)
        assert any("mews__client_token: cannot be read" in line for line in lines)

    def test_in_a_directory_that_does_not_exist_are_a_fault(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_SECRETS_DIR": "/nowhere"})
        assert line == "LOYALTY_SECRETS_DIR: /nowhere is not a directory; expected the directory of the secret files"


class TestMissingSecrets:
    def test_are_told_with_both_places_where_they_can_be_given(self, files: Files) -> None:
        lines = files.faults(SMALL, secrets=False)
        assert lines == [
            "connector.toml: mews.properties.wien.access_token: the secret is missing or empty; "
            "expected it in the environment variable LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN "
            "or the file mews__properties__wien__access_token",
            "connector.toml: mews.client_token: the secret is missing or empty; "
            "expected it in the environment variable LOYALTY_MEWS__CLIENT_TOKEN "
            "or the file mews__client_token",
        ]

    def test_are_those_of_the_partners_channel(self, files: Files) -> None:
        lines = files.faults(SMALL + PARTNER + EARN + AIR, SECRETS, secrets=False)
        assert [line.split(": ")[1] for line in lines] == [
            "partners.air.client_id",
            "partners.air.client_secret",
            "partners.mm.app_id",
            "partners.mm.app_secret",
        ]

    def test_may_be_the_optional_ones(self, files: Files) -> None:
        settings = files.load(SMALL, {"LOYALTY_DATABASE__PASSWORD": ""})
        assert settings.database.password is None
        assert settings.privacy.hash_key is None

    def test_include_empty_ones(self, files: Files) -> None:
        (line,) = files.faults(SMALL, {"LOYALTY_MEWS__CLIENT_TOKEN": ""})
        assert "mews.client_token: the secret is missing or empty" in line


class TestSecretsInTheFile:
    @pytest.mark.parametrize("value", ['"geheim"', "4711", '["geheim"]', '{ geheim = "geheim" }', "true"])
    def test_are_faults_whatever_their_type_and_never_printed(self, files: Files, value: str) -> None:
        text = SMALL + PARTNER + f"app_secret = {value}" + EARN
        lines = files.faults(text)
        assert lines == [
            "connector.toml: partners.mm.app_secret: is a secret in the file; "
            "expected it in the environment variable LOYALTY_PARTNERS__MM__APP_SECRET "
            "or the file partners__mm__app_secret"
        ]

    def test_under_a_misspelt_key_are_not_printed_either(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + 'app_secrt = "geheim"' + EARN)
        assert line == (
            "connector.toml: partners.mm.app_secrt: is not a known key; "
            'did you mean "app_secret", a secret, which never stands in the file?'
        )

    def test_at_the_optional_ones_too(self, files: Files) -> None:
        (line,) = files.faults(SMALL + '[privacy]\nhash_key = "geheim"')
        assert line.startswith("connector.toml: privacy.hash_key: is a secret in the file")


class TestLoadedSecrets:
    def test_are_not_shown_by_the_settings(self, files: Files) -> None:
        text = SMALL + PARTNER + EARN
        settings = files.load(text)
        shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
        assert not any(secret in shown for secret in secrets_for(text).values())

    def test_are_not_shown_by_the_model_when_their_type_is_wrong(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Settings.model_validate({"mews": {"client_token": ["geheim"], "access_token": "geheim"}})
        assert "geheim" not in str(caught.value)
