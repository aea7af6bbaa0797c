"""The JSON Schema of the configuration file, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from connector.settings.document import Settings
from connector.settings.values import written


class _Schema(GenerateJsonSchema):
    """Defaults as they are written in the file."""

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(written(dft))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the file; secrets have no place in it."""
    schema = Settings.model_json_schema(schema_generator=_Schema)
    for table in (schema, *schema["$defs"].values()):
        _without_secrets(table)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "Mews Loyalty Connector"}


def _without_secrets(table: dict[str, Any]) -> None:
    secret = {name for name, value in table["properties"].items() if "writeOnly" in repr(value)}
    table["properties"] = {name: value for name, value in table["properties"].items() if name not in secret}
    table["required"] = [name for name in table.get("required", []) if name not in secret]
