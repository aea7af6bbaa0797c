"""What the model refused, in one sentence per fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from connector.settings import environment, secret_files
from connector.settings.document import Settings
from connector.settings.keys import Path, Tables, meant, table_at
from connector.settings.shape import Leaf, content, fields, kinds, model_at, sections, words
from connector.settings.values import shown


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the configuration: where, and what with what was expected."""

    path: Path
    text: str
    of_file: bool = False  # although the environment may give the same setting


_WRONG_TYPE = {
    "string_type": ("text", "text in quotes"),
    "int_type": ("a whole number", "a whole number without quotes"),
    "int_from_float": ("a whole number", "a whole number"),
    "finite_number": ("a number", "a number like 0.02 without quotes"),
    "float_type": ("a number", "a number like 0.02 without quotes"),
    "bool_type": ("true or false", "true or false without quotes"),
    "date_type": ("a date", "a date like 2026-12-01 without quotes"),
    "tuple_type": ("a list", "a list in [ ]"),
    "dict_type": ("a table", "a table"),
    "model_type": ("a table", "a table"),
    "model_attributes_type": ("a table", "a table"),
}
_CHOSEN = {"channel": "partners", "kind": "scheme"}
_BOUNDS = {
    "greater_than": ("is too small", "more than", "gt"),
    "greater_than_equal": ("is too small", "at least", "ge"),
    "less_than": ("is too large", "less than", "lt"),
    "less_than_equal": ("is too large", "at most", "le"),
}


def refused(error: ValidationError, tables: Tables) -> Iterator[Fault]:
    """Yield a fault per error of the model, without those that only follow from another."""
    details = error.errors(include_url=False)
    found = [(_path(one["loc"], tables), one) for one in details]
    for path, one in found:
        if not _follows(path, one, found):
            yield Fault(path, sentence(path, one, tables))


def _path(loc: tuple[int | str, ...], tables: Tables) -> Path:
    """Return the place without what pydantic adds to it: a partner's channel, a scheme's kind, the mark of a key."""
    path = loc[:-1] if loc[-1:] == ("[key]",) else loc
    for place, chooser in ((2, "channel"), (1, "kind")):
        table = table_at(tables, path[:place]) if path[0] == _CHOSEN[chooser] and len(path) > place else None
        if table is not None and table.get(chooser, "csv") == path[place]:
            return (*path[:place], *path[place + 1 :])
    return path


def _follows(path: Path, error: ErrorDetails, found: Iterable[tuple[Path, ErrorDetails]]) -> bool:
    """Tell whether a list is only called too short because its entries were refused."""
    return error["type"] == "too_short" and any(
        len(other) > len(path) and other[: len(path)] == path for other, _ in found
    )


def sentence(path: Path, error: ErrorDetails, tables: Tables) -> str:
    """Return what is wrong and what was expected; never a secret, nor the value of an unknown key."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "fault":
        return error["msg"]
    if kind == "missing":
        return _missing(path, tables)
    if kind == "extra_forbidden":
        return unknown(path, tables)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _choice(value, context["discriminator"].strip("'"))
    return _wrong(kind, value, context)


def _wrong(kind: str, value: object, context: Mapping[str, Any]) -> str:
    what = "the value" if isinstance(value, SecretStr) else shown(value)
    if kind in _WRONG_TYPE:
        return "{} is not {}; expected {}".format(what, *_WRONG_TYPE[kind])
    if kind in _BOUNDS:
        small, than, bound = _BOUNDS[kind]
        return f"{what} {small}; expected {than} {context[bound]}"
    if kind == "literal_error":
        return f"{what} is not one of the words; {_words(value, context['expected'])}"
    if kind == "string_too_long":
        return f"{what} is too long; expected at most {context['max_length']} characters"
    if kind in ("string_too_short", "too_short"):
        return "is empty; expected at least one " + ("character" if kind == "string_too_short" else "entry")
    return f"{what} is not valid; expected {_pattern(kind)}"


def _words(value: object, expected: str) -> str:
    text = expected.replace("'", '"')
    words = text.replace(" or ", ", ").replace('"', "").split(", ")
    close = meant(value, words) if isinstance(value, str) and len(words) > 8 else None
    return f'did you mean "{close}"?' if close else f"expected {text}"


def _pattern(kind: str) -> str:
    return 'a name and a version like "Mews Loyalty Connector 1.0.0"' if "pattern" in kind else "another value"


def _missing(path: Path, tables: Tables) -> str:
    model = model_at(Settings, tables, path[:-1])
    field = fields(model).get(str(path[-1])) if model else None
    names = tuple(str(part) for part in path)
    if field is not None and Leaf(names, field).is_secret:
        return missing_secret(names)
    if field is not None and any(hasattr(kind, "model_fields") for kind in kinds(field.annotation)):
        return f"is missing; expected a table [{'.'.join(names)}]"
    return f"is missing; expected {_described(field.description if field else None)}"


def missing_secret(path: tuple[str, ...]) -> str:
    """Return the sentence for a secret that is needed."""
    return f"the secret is missing or empty; {_outside(path)}"


def _outside(path: tuple[str, ...]) -> str:
    variable, file = environment.name_of(path), secret_files.name_of(path)
    return f"expected it in the environment variable {variable} or the file {file}"


def _described(description: str | None) -> str:
    text = (description or "a value").rstrip(".")
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def unknown(path: Path, tables: Tables) -> str:
    """Return the sentence for a key that no table knows; its value is not shown, it could be a secret."""
    model = model_at(Settings, tables, path[:-1])
    known = fields(model) if model else {}
    word = meant(str(path[-1]), known)
    if word is None:
        return 'is not a known key; expected one that "loyalty-connector config schema" lists'
    field = known.get(word)
    secret = ", a secret, which never stands in the file" if field and Leaf((), field).is_secret else ""
    return f'is not a known key; did you mean "{word}"{secret}?'


def _choice(table: Any, chooser: str) -> str:
    word = table.get(chooser) if isinstance(table, dict) else None
    what = f"has no {chooser}" if word is None else f"{shown(word)} is not a {chooser}"
    annotation = Settings.model_fields[_CHOSEN[chooser]].annotation
    models = sections(annotation) or sections(content(annotation))
    named = [f'"{words(model, chooser)[0]}"' for model in models]
    return f"{what}; expected {chooser} = {', '.join(named[:-1])} or {named[-1]}"


def secrets_in(tables: Tables, leaves: Iterable[Leaf]) -> Iterator[Fault]:
    """Take the secrets that stand in the file out of its tables, and yield a fault for each."""
    for leaf in leaves:
        node = table_at(tables, leaf.path[:-1]) if leaf.is_secret else None
        if node is not None and leaf.path[-1] in node:
            del node[leaf.path[-1]]
            yield Fault(leaf.path, f"is a secret in the file; {_outside(leaf.path)}", of_file=True)
