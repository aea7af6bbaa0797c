"""The settings as they take effect, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from pydantic import BaseModel

from connector.settings.document import Settings
from connector.settings.keys import Path, key
from connector.settings.shape import Leaf, fields
from connector.settings.values import written


@dataclass(frozen=True, slots=True)
class Row:
    """One setting; of a secret only whether it is "set" or "missing"."""

    key: str
    value: Any
    source: str


def rows(settings: Settings) -> Iterator[Row]:
    """Yield every setting in the order of the reference."""
    for path, value in _values(settings, ()):
        yield Row(key(path), value, settings.source_of(key(path)))


def _values(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, BaseModel):
        yield from _fields(value, path)
    elif isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _values(inner, (*path, name))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for place, inner in enumerate(value):
            yield from _values(inner, (*path, place))
    else:
        yield path, _plain(value)


def _fields(table: BaseModel, path: Path) -> Iterator[tuple[Path, Any]]:
    for (name, field), attribute in zip(fields(type(table)).items(), type(table).model_fields, strict=True):
        value = getattr(table, attribute)
        if Leaf((), field).is_secret:
            yield (*path, name), "missing" if value is None else "set"
        else:
            yield from _values(value, (*path, name))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, File) else written(value)
