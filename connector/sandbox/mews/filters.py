"""Filters of a request as SQL conditions over a table of records."""

# ruff: noqa: S608 - SQL is put together from the names of kinds and properties; values are always bound
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.mews.instants import boundary
from connector.sandbox.mews.kinds import Kind, Reading

_COLUMNS = {
    "Id": "id",
    "EnterpriseId": "owner",
    "ChainId": "owner",
    "CreatedUtc": "created",
    "UpdatedUtc": "updated",
    "DeletedUtc": "deleted",
}
_INDEXED = frozenset({"id", "updated"})


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; ``narrow`` when an index can answer it, so that the table need not be walked."""

    sql: str
    values: tuple[str, ...] = ()
    narrow: bool = False


def expression(path: str) -> str:
    """Return the SQL of a property: a column, or a place in the stored JSON. Indexes use the same text."""
    return _COLUMNS.get(path) or f"json_extract(body, '$.{path}')"


def among(path: str, values: Iterable[str], *, narrow: bool = False) -> Filter:
    """Keep the records whose property is one of the values."""
    listed = json.dumps(list(values))
    return Filter(f"{expression(path)} IN (SELECT value FROM json_each(?))", (listed,), narrow)


def within(path: str, interval: Mapping[str, str], *, narrow: bool = False) -> Filter:
    """Keep the records whose time lies in [Start, End); Start = End keeps the times equal to it."""
    start, end = boundary(interval["StartUtc"]), boundary(interval["EndUtc"])
    if interval["StartUtc"] == interval["EndUtc"]:
        return Filter(f"{expression(path)} = ?", (start,), narrow)
    return Filter(f"{expression(path)} >= ? AND {expression(path)} < ?", (start, end), narrow)


def colliding(interval: Mapping[str, str]) -> Filter:
    """Keep the reservations whose scheduled time overlaps the interval."""
    start, end = boundary(interval["StartUtc"]), boundary(interval["EndUtc"])
    first, last = expression("ScheduledStartUtc"), expression("ScheduledEndUtc")
    return Filter(f"{first} < ? AND {last} > ?", (end, start))


def visible(states: Iterable[str] | None) -> Filter:
    """Keep active records, and deleted ones only when ``ActivityStates`` asks for them."""
    wanted = frozenset(states or ("Active",))
    if len(wanted) == 2:
        return Filter("1")
    return Filter("deleted IS NULL") if "Active" in wanted else Filter("deleted IS NOT NULL", narrow=True)


def of_request(reading: Reading, kind: Kind, body: Mapping[str, Any]) -> Iterator[Filter]:
    """Yield the conditions of a checked request; all of them must hold."""
    yield visible(body.get("ActivityStates"))
    for name, path in reading.filters.items():
        if (value := body.get(name)) is not None:
            yield _condition(path, value, narrow=path in kind.looked_up or expression(path) in _INDEXED)
    if (interval := body.get("CollidingUtc")) is not None:
        yield colliding(interval)


def _condition(path: str, value: Any, *, narrow: bool) -> Filter:
    if isinstance(value, dict):
        return within(path, value, narrow=narrow)
    return among(path, value if isinstance(value, list) else [value], narrow=narrow)
