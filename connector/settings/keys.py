"""Where a setting stands: its path through the tables, and how messages write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]
Tables = dict[str, Any]

_LONGEST = 100  # characters of a name that are told
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def key(path: Path) -> str:
    """Return a path as people write it: ``partners.air_miles.earn[0].per``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{_bare(part)}"
    return text.removeprefix(".")


def _bare(part: str) -> str:
    short = part if len(part) <= _LONGEST else f"{part[:_LONGEST]}..."
    return short if _BARE.fullmatch(short) else json.dumps(short)


def table_at(tables: Any, path: Path) -> Tables | None:
    """Return the table at a path, or None where there is none."""
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables if isinstance(tables, dict) else None


def put(tables: Tables, path: tuple[str, ...], value: object) -> None:
    """Set one value, unless something that is no table stands in the way."""
    *parents, last = path
    for parent in parents:
        tables = tables.setdefault(parent, {})
        if not isinstance(tables, dict):
            return
    tables[last] = value


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in nested tables; a list of plain values is one value."""
    entries: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        entries = value.items()
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        entries = enumerate(value)
    else:
        yield path
    for name, inner in entries:
        yield from paths(inner, (*path, name))


def meant(word: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """Return the known word that was probably meant."""
    words = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), list(words), n=1, cutoff=alike)
    return words[close[0]] if close else None
