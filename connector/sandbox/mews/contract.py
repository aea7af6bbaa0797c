"""The published schemas (``contract.json``), compiled once into checks of requests and answers.

The public reference lists ``LanguageCode`` and ``CultureCode`` for every operation (both or none); the
schemas leave them out, so they are added here. A null stands for an absent value of an optional property.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from connector.sandbox.mews.instants import parse, three_months_after
from connector.sandbox.mews.refusals import Refused

Check = Callable[[Any, str], None]

_LOCALE = ("LanguageCode", "CultureCode")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@cache
def document() -> Mapping[str, Any]:
    """Return the contract as data: ``operations`` and ``schemas``."""
    text = files(__package__).joinpath("contract.json").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def operations() -> frozenset[str]:
    """Return the names of the served operations, such as ``loyaltyTiers/add``."""
    return frozenset(document()["operations"])


def properties(name: str) -> Mapping[str, Any]:
    """Return the properties of a schema by its name."""
    return document()["schemas"][name].get("properties", {})  # type: ignore[no-any-return]


@cache
def request_check(operation: str) -> Check:
    """Return the check of an operation's request: raises Refused for the first fault, naming its path."""
    schema = dict(document()["schemas"][document()["operations"][operation]["request"]])
    schema["properties"] = schema["properties"] | {name: {"type": "string"} for name in _LOCALE}
    check = _object(schema, strict=True)

    def checked(body: Any, path: str) -> None:
        check(body, path)
        if (body.get("LanguageCode") is None) != (body.get("CultureCode") is None):
            raise Refused("LanguageCode and CultureCode are expected both or not at all.")

    return checked


@cache
def answer_check(operation: str) -> Check:
    """Return the check of an operation's answer; deprecated properties may stand in answers."""
    return _compile({"$ref": document()["operations"][operation]["response"]}, strict=False)


@cache
def schema_check(name: str) -> Check:
    """Return the check of one schema as it may stand in an answer, such as ``customers#customer``."""
    return _compile({"$ref": name}, strict=False)


def _compile(schema: Mapping[str, Any], *, strict: bool) -> Check:
    if "$ref" in schema:
        return _reference(schema["$ref"], strict)
    if "allOf" in schema:
        return _interval(_compile(schema["allOf"][0], strict=strict), limited="x-max-interval" in schema)
    if schema.get("type") == "object":
        return _object(schema, strict=strict)
    if schema.get("type") == "array":
        return _array(schema, strict=strict)
    return _scalar(schema)


@cache
def _reference(name: str, strict: bool) -> Check:
    check = _compile(document()["schemas"][name], strict=strict)
    return _interval(check, limited=False) if name == "_objects#time-interval" else check


def _typed(value: Any, types: tuple[type, ...], path: str) -> None:
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        expected = "a number" if float in types else " or ".join(_WORDS[kind] for kind in types)
        raise Refused(f"Invalid value of '{path}': {expected} is expected.")


_WORDS = {
    str: "a text",
    bool: "a boolean",
    int: "an integer",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def _scalar(schema: Mapping[str, Any]) -> Check:
    names = schema.get("type")
    if names is None:
        return lambda value, path: None
    types = tuple(kind for name in ([names] if isinstance(names, str) else names) for kind in _TYPES[name])
    limits = _limits(schema)

    def check(value: Any, path: str) -> None:
        _typed(value, types, path)
        for allows, message in limits:
            if not allows(value):
                raise Refused(f"Invalid value of '{path}': {message}.")

    return check


def _limits(schema: Mapping[str, Any]) -> list[tuple[Callable[[Any], bool], str]]:
    limits: list[tuple[Callable[[Any], bool], str]] = []
    if words := schema.get("enum"):
        limits.append((frozenset(words).__contains__, f"one of {', '.join(words)} is expected"))
    if (longest := schema.get("maxLength")) is not None:
        limits.append((lambda value: len(value) <= longest, f"at most {longest} characters are expected"))
    if (least := schema.get("minimum")) is not None:
        most = schema["maximum"]
        limits.append((lambda value: least <= value <= most, f"a number from {least} to {most} is expected"))
    return limits


def _array(schema: Mapping[str, Any], *, strict: bool) -> Check:
    check = _compile(schema["items"], strict=strict)
    most = schema.get("maxItems")

    def checked(value: Any, path: str) -> None:
        _typed(value, (list,), path)
        if most is not None and len(value) > most:
            raise Refused(f"Invalid value of '{path}': at most {most} items are expected, not {len(value)}.")
        for index, item in enumerate(value):
            check(item, f"{path}[{index}]")

    return checked


def _object(schema: Mapping[str, Any], *, strict: bool) -> Check:
    members = {name: _compile(member, strict=strict) for name, member in schema.get("properties", {}).items()}
    if not members:
        return _dictionary(schema, strict=strict)
    required = frozenset(schema.get("required", ()))
    deprecated = frozenset(schema.get("x-deprecated", ())) if strict else frozenset()

    def checked(value: Any, path: str) -> None:
        _typed(value, (dict,), path)
        _shape(value, path, required, deprecated)
        for name, item in value.items():
            if name not in members:
                raise Refused(f"Unknown property '{_join(path, name)}'.")
            if item is not None or name in required:
                members[name](item, _join(path, name))

    return checked


def _dictionary(schema: Mapping[str, Any], *, strict: bool) -> Check:
    values = schema.get("additionalProperties")
    check = _compile(values if isinstance(values, dict) else {}, strict=strict)

    def checked(value: Any, path: str) -> None:
        _typed(value, (dict,), path)
        for name, item in value.items():
            check(item, _join(path, name))

    return checked


def _shape(value: dict[str, Any], path: str, required: frozenset[str], deprecated: frozenset[str]) -> None:
    if missing := required - value.keys():
        raise Refused(f"Missing required property '{_join(path, min(missing))}'.")
    if stale := deprecated & value.keys():
        raise Refused(f"Property '{_join(path, min(stale))}' is deprecated and not accepted.")


def _interval(check: Check, *, limited: bool) -> Check:
    def checked(value: Any, path: str) -> None:
        check(value, path)
        start, end = (parse(value[name], _join(path, name)) for name in ("StartUtc", "EndUtc"))
        if end < start:
            raise Refused(f"Invalid interval '{path}': it ends before it starts.")
        if limited and end > three_months_after(start):
            raise Refused(f"Invalid interval '{path}': at most 3 months are allowed.")

    return checked


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
