"""The written reference of the settings, made from the model so that it cannot be out of date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connector.settings import environment, secret_files, unavailable
from connector.settings.document import Settings
from connector.settings.keys import key
from connector.settings.shape import CHOOSERS, Leaf, Model, content, fields, kinds, sections, words
from connector.settings.values import Word, written

_PART = re.compile(r"(<!-- settings: (tables|secrets|not_yet) -->)\n.*?(<!-- end -->)", re.DOTALL)
_NAMED = {"properties", "partners", "accounts", "operators"}
_WORDS = {bool: "true or false", int: "whole number", float: "number", str: "text"}


def filled(text: str) -> str:
    """Return a Markdown text with its generated parts made anew.

    A part stands between ``<!-- settings: NAME -->`` and ``<!-- end -->``: tables, secrets or not_yet.
    """
    parts = {"tables": tables, "secrets": secrets, "not_yet": not_yet}
    return _PART.sub(lambda part: f"{part[1]}\n{parts[part[2]]().strip()}\n{part[3]}", text)


def tables() -> str:
    """Return one Markdown table per table of the configuration."""
    return "\n".join(line for heading, model in _all() for line in _section(heading, model))


def secrets() -> str:
    """Return a Markdown table of the secrets: key, environment name, file name, whether required."""
    lines = ["| secret | environment | file | |", "| --- | --- | --- | --- |"]
    for heading, model in _all():
        lines += [_secret(heading, name, field) for name, field in _leaves(model) if Leaf((), field).is_secret]
    return "\n".join(lines)


def not_yet() -> str:
    """Return a Markdown list of the keys and values that are refused in this version."""
    lines = [f"- `{_placed(pattern)}`{_except(default)}" for pattern, default in unavailable.KEYS.items()]
    return "\n".join(sorted(lines))


def _except(default: object) -> str:
    return "" if default is None else f" except `{json.dumps(default)}`"


def _placed(pattern: str) -> str:
    return (
        pattern.replace("partners.*", "partners.NAME").replace("earn.*", "earn[]").replace("programs.*", "programs[]")
    )


def _all() -> dict[tuple[str, Model], None]:
    """Return every heading with its model once; all channels share the table of earn rules."""
    return dict.fromkeys(_headings(Settings, ""))


def _headings(model: Model, path: str) -> Iterator[tuple[str, Model]]:
    """Yield every table with how its heading is written; a partner's once per channel."""
    if path:
        yield path, model
    for name, field in fields(model).items():
        place = f"{path}.{name}".removeprefix(".")
        for below in sections(content(field.annotation)):
            yield from _headings(below, f"{place}.NAME" if name in _NAMED else f"{place}[]")
        for below in sections(field.annotation):
            yield from _headings(below, place)


def _section(heading: str, model: Model) -> Iterator[str]:
    yield from ("", f"### `{_bracketed(heading)}`{_as_chosen(model)}", "", _first_paragraph(model))
    rows = [_row(name, field) for name, field in _leaves(model) if not Leaf((), field).is_secret]
    if rows:
        yield from ("", "| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows)


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{name}` | {_kind(field)} | {_default(field)} | {_cell(field.description or '')} |"


def _as_chosen(model: Model) -> str:
    found = next((name for name in CHOOSERS if name in model.model_fields), None)
    return f" with {found} = {words(model, found)[0]}" if found else ""


def _first_paragraph(model: Model) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split()).replace("``", "`")


def _bracketed(heading: str) -> str:
    name = heading.replace("[]", "")
    return f"[[{name}]]" if heading.endswith("[]") else f"[{name}]"


def _leaves(model: Model) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in fields(model).items():
        if not sections(field.annotation) and not sections(content(field.annotation)):
            yield name, field


def _secret(heading: str, name: str, field: FieldInfo) -> str:
    path = (*heading.split("."), name)
    need = "required" if field.is_required() else _cell(field.description or "")
    return f"| `{key(path)}` | `{environment.name_of(path)}` | `{secret_files.name_of(path)}` | {need} |"


def _kind(field: FieldInfo) -> str:
    word = next((str(mark) for mark in reversed(_marks(field)) if isinstance(mark, Word)), None)
    if word:
        return word
    kind = kinds(field.annotation)[0]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{json.dumps(word)[1:-1]}`" if word else "empty" for word in get_args(kind))
    if get_origin(kind) is tuple:
        return "list of words"
    return _WORDS.get(kind, "date" if get_origin(kind) is None else "table of text")


def _marks(field: FieldInfo) -> list[Any]:
    inner = [mark for member in get_args(field.annotation) for mark in getattr(member, "__metadata__", ())]
    return [*inner, *field.metadata]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "absent"
    return f"`{json.dumps(_plain(field.default), ensure_ascii=False)}`"


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else written(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
