"""What is planned and named, but not in this version: refused, never ignored.

A key may stand in the file at its default, so that a complete file can be written today; the environment cannot give
it at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.settings.keys import Path, Tables

KEYS: dict[str, object] = {"schedule.sweep": "04:00"}
"""The keys, and the value at which they may stand in the file (None: not at all)."""

REFUSED = "is not yet available in this version; expected it to be absent"


@dataclass(frozen=True, slots=True)
class Later:
    """Something not yet available that the tables hold."""

    path: Path
    text: str


def take_out(tables: Tables) -> list[Later]:
    """Take what is not yet available out of the tables, and return what was more than a default."""
    return list(_keys(tables))


def names_below(path: Path) -> Iterator[str]:
    """Yield the names of the keys that a table will have later."""
    pattern = [*_pattern(path)]
    for known in KEYS:
        *parents, last = known.split(".")
        if parents == pattern:
            yield last


def covers(path: Path) -> bool:
    """Tell whether a key, or the table that holds it, comes later."""
    pattern = [*_pattern(path)]
    return any(".".join(pattern[:length]) in KEYS for length in range(1, len(pattern) + 1))


def _pattern(path: Path) -> Iterator[str]:
    for place, part in enumerate(path):
        yield "*" if isinstance(part, int) or path[place - 1 : place] == ("partners",) else part


def _keys(tables: Tables) -> Iterator[Later]:
    for pattern, default in KEYS.items():
        for node, name, path in list(_found(tables, pattern.split("."))):
            value = node.pop(name)
            if type(value) is not type(default) or value != default:
                yield Later(path, REFUSED)


def _found(node: Any, parts: list[str], path: Path = ()) -> Iterator[tuple[Any, Any, Path]]:
    head, *rest = parts
    for name in _names(node, head):
        if rest:
            yield from _found(node[name], rest, (*path, name))
        else:
            yield node, name, (*path, name)


def _names(node: Any, head: str) -> list[Any]:
    if head == "*":
        return list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [head] if isinstance(node, dict) and head in node else []
