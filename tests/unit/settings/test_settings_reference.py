from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from connector.settings import example, json_schema, load, rows
from connector.settings.json_schema import LATER
from connector.settings.reference import filled
from tests.unit.settings.settings_files import EXAMPLE_SECRETS

CONFIG = Path(__file__).parents[3] / "config"


class TestTheReadme:
    def test_is_what_the_model_says(self) -> None:
        text = (CONFIG / "README.md").read_text(encoding="utf-8")
        assert filled(text) == text, "make it anew with connector.settings.reference.filled"

    def test_names_every_key_of_the_model(self) -> None:
        text = (CONFIG / "README.md").read_text(encoding="utf-8")
        names = {name for table in tables(json_schema()) for name in table["properties"]}
        assert not [name for name in names if not re.search(rf"[`\[.]{name}[`\].]", text)]


class TestTheExample:
    def test_holds_every_key_of_the_model(self) -> None:
        text = example()
        fields = [field for table in tables(json_schema()) for field in table["properties"].items()]
        names = {name for name, field in fields if field.get("description") != LATER}
        assert len(names) > 80
        assert not [name for name in names if not re.search(rf"\b{name}\b", text)]

    def test_has_a_comment_above_every_table_that_needs_one(self) -> None:
        assert example().count("\n# ") > 60


class TestTheSchema:
    def test_is_closed_at_every_level(self) -> None:
        assert all(table["additionalProperties"] is False for table in tables(json_schema()))

    def test_refers_to_nothing_that_is_missing(self) -> None:
        schema = json_schema()
        wanted = set(re.findall(r"'#/\$defs/(\w+)'", repr(schema)))
        assert wanted == set(schema["$defs"])

    def test_has_no_place_for_secrets(self) -> None:
        text = repr(json_schema())
        assert "writeOnly" not in text
        assert "'client_secret'" not in text

    def test_writes_defaults_as_the_file_does(self) -> None:
        fields = [field for table in tables(json_schema()) for field in table["properties"].values()]
        patterned = [field for field in fields if "pattern" in field and "default" in field]
        assert len(patterned) > 8
        assert all(re.search(field["pattern"], field["default"]) for field in patterned)

    def test_knows_every_key_of_the_example(self) -> None:
        schema = json_schema()
        top = tomllib.loads(example())
        assert set(top) <= set(schema["properties"])
        for name in ("chain", "matching", "alignment", "schedule", "web", "logging"):
            assert set(top[name]) <= set(schema["$defs"][name.title()]["properties"])

    def test_takes_what_comes_later_at_its_default_only(self) -> None:
        defs = json_schema()["$defs"]
        assert defs["Schedule"]["properties"]["sweep"] == {"const": "04:00", "description": LATER}

    def test_has_no_place_for_a_secret(self) -> None:
        assert "admin_token" not in json_schema()["$defs"]["Web"]["properties"]


class TestEffectiveValues:
    def test_show_of_a_secret_only_whether_it_is_set(self) -> None:
        found = {row.key: row for row in rows(load(CONFIG / "connector.example.toml", EXAMPLE_SECRETS))}
        assert found["mews.client_token"].value == "set"
        assert found["mews.client_token"].source == "environment LOYALTY_MEWS__CLIENT_TOKEN"
        assert found["privacy.hash_key"].value == "missing"
        assert not any(secret in repr(found) for secret in EXAMPLE_SECRETS.values())

    def test_are_written_as_in_the_file(self) -> None:
        found = {row.key: row.value for row in rows(load(CONFIG / "connector.example.toml", EXAMPLE_SECRETS))}
        assert found["mews.history"] == "400d"
        assert found["schedule.align"] == "5m"
        assert found["partners.air_miles.earn[0].per"] == "20.00"
        assert found["partners.miles_and_more.start"] == "2026-12-01"
        assert found["partners.air_miles.location_codes.montreal"] == "0037"


def tables(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *schema["$defs"].values()]
