"""The JSON Schema of the configuration file, for editors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from connector.settings import unavailable
from connector.settings.document import Settings
from connector.settings.shape import Model, content, fields, sections
from connector.settings.values import written

LATER = "Not yet available in this version: only its default may stand here."


class _Schema(GenerateJsonSchema):
    """Defaults as they are written in the file."""

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(written(dft))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the file; secrets have no place in it."""
    schema = Settings.model_json_schema(schema_generator=_Schema)
    for table in (schema, *schema["$defs"].values()):
        _without_secrets(table)
    _add_later(schema["$defs"])
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "Mews Loyalty Connector"}


def _without_secrets(table: dict[str, Any]) -> None:
    secret = {name for name, value in table["properties"].items() if "writeOnly" in repr(value)}
    table["properties"] = {name: value for name, value in table["properties"].items() if name not in secret}
    table["required"] = [name for name in table.get("required", []) if name not in secret]


def _add_later(tables: dict[str, Any]) -> None:
    """Let the keys of later versions stand at their default, as the file may."""
    for pattern, default in unavailable.KEYS.items():
        *table, name = pattern.split(".")
        for model in _models(Settings, table) if default is not None else ():
            tables[model.__name__]["properties"][name] = {"const": default, "description": LATER}


def _models(model: Model, parts: list[str]) -> Iterator[Model]:
    """Yield the models that a pattern of tables stands for: several when a channel decides."""
    if not parts:
        yield model
        return
    named, annotation = parts[1:2] == ["*"], fields(model)[parts[0]].annotation
    for below in sections(content(annotation) if named else annotation):
        yield from _models(below, parts[2 if named else 1 :])
