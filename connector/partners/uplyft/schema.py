"""What the live schema says of ``createEvent``, by GraphQL's own introspection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.errors import Lost

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")  # the GraphQL specification, section 2.1.9
_REF = "kind name ofType { kind name ofType { kind name ofType { kind name } } }"
QUERY = (
    "{ __schema { mutationType { name } types { kind name enumValues { name } "
    f"inputFields {{ name defaultValue type {{ {_REF} }} }} "
    f"fields {{ name args {{ name defaultValue type {{ {_REF} }} }} }} }} }} }}"
)


@dataclass(frozen=True, slots=True)
class Ref:
    """The type of an argument or field: its name, whether it must be given, whether it is a list."""

    type: str
    required: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class Type:
    """A named type; ``fields`` are those of an input object, ``words`` the literals of an enum."""

    kind: str
    fields: Mapping[str, Ref]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Schema:
    """Every type by name, and the arguments of ``createEvent`` (None: there is no such mutation)."""

    types: Mapping[str, Type]
    event: Mapping[str, Ref] | None


def read(data: Mapping[str, object]) -> Schema:
    """Return the schema of an answer to ``QUERY``; raises Lost when it holds none."""
    try:
        told: Any = data["__schema"]
        types = {_name(each): each for each in told["types"]}
        mutation: Any = types.get((told["mutationType"] or {}).get("name", ""), {})
        events = [dict(_refs(each["args"])) for each in mutation.get("fields") or () if each["name"] == "createEvent"]
        return Schema({name: _type(each) for name, each in types.items()}, events[0] if events else None)
    except (AttributeError, KeyError, TypeError) as fault:
        raise Lost("Uplyft answered an introspection with something that is no schema.") from fault


def _type(told: Any) -> Type:
    words = frozenset(_name(each) for each in told.get("enumValues") or ())
    return Type(told["kind"], dict(_refs(told.get("inputFields") or ())), words)


def _name(told: Any) -> str:
    if not _NAME.fullmatch(told["name"]):
        raise TypeError("a name is letters, digits and _")
    return str(told["name"])


def _refs(told: Any) -> Iterator[tuple[str, Ref]]:
    for each in told:
        kinds, inner = [each["type"]["kind"]], each["type"]
        while inner.get("ofType"):
            inner = inner["ofType"]
            kinds.append(inner["kind"])
        required = kinds[0] == "NON_NULL" and each.get("defaultValue") is None
        yield _name(each), Ref(_name(inner), required, "LIST" in kinds)
