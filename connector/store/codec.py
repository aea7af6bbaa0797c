"""Domain records as JSON text and back, by their own type annotations. Unknown names in a text are ignored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A record's fields in their order, and the conversions of those that need one.

    It is made once for each type: a store holds hundreds of thousands of records, each read more than once.
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]
    writers: tuple[tuple[str, Convert], ...]
    readers: tuple[tuple[str, Convert], ...]


_WRITERS: Mapping[object, Convert] = {datetime: datetime.isoformat, frozenset: sorted}
_READERS: Mapping[object, Convert] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
    frozenset: frozenset,
}
# What has no writer and is no JSON type (Decimal, UUID, date) is written as its ``str``, within tuples too.
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=str).encode
_read = json.JSONDecoder().decode


def encode(record: object) -> str:
    """Return a dataclass as compact JSON; fields at None are left out."""
    plan = _plan(type(record))
    values = {name: value for name in plan.names if (value := getattr(record, name)) is not None}
    for name, writer in plan.writers:
        if name in values:
            values[name] = writer(values[name])
    return _write(values)


def decode(kind: type[T], text: str) -> T:
    """Return the dataclass that a text of ``encode`` holds. Raises KeyError for a field that has no default."""
    plan = _plan(kind)
    values = _read(text)
    for name, reader in plan.readers:
        if name in values:
            values[name] = reader(values[name])
    return kind(*map(values.__getitem__, plan.required), *map(values.get, plan.defaults, plan.defaults.values()))


def _plan(kind: Any) -> _Plan:
    known: _Plan = _plan_of(kind)
    return known


@cache
def _plan_of(kind: Any) -> _Plan:
    if any(each.default_factory is not MISSING for each in fields(kind)):
        raise TypeError(f"{kind.__name__} has a default made by a factory, a plain one was expected")
    hints = {name: _some(hint) for name, hint in get_type_hints(kind).items()}
    writers = {name: _WRITERS.get(get_origin(hint) or hint) for name, hint in hints.items()}
    readers = {name: _reader(hint) for name, hint in hints.items()}
    return _Plan(
        names=tuple(each.name for each in fields(kind)),
        required=tuple(each.name for each in fields(kind) if each.default is MISSING),
        defaults={each.name: each.default for each in fields(kind) if each.default is not MISSING},
        writers=tuple((name, writer) for name, writer in writers.items() if writer),
        readers=tuple((name, reader) for name, reader in readers.items() if reader),
    )


def _some(hint: Any) -> Any:
    """Return what a hint allows besides None."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    (some,) = (each for each in get_args(hint) if each is not NoneType)
    return some


def _reader(hint: Any) -> Convert | None:
    """Return what makes a value of a hint from what JSON holds; None where that is the value."""
    if get_origin(hint) is tuple:
        return _tuple_reader(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, str) and hint is not str:
        return hint
    return _READERS.get(get_origin(hint) or hint)


def _tuple_reader(parts: tuple[Any, ...]) -> Convert:
    if len(parts) == 2 and parts[1] is Ellipsis:
        each = _reader(parts[0])
        return (lambda values: tuple([each(value) for value in values])) if each else tuple
    readers = [_reader(part) or _same for part in parts]
    return lambda values: tuple([reader(value) for reader, value in zip(readers, values, strict=True)])


def _same(value: Any) -> Any:
    return value


def encode_rates(rates: Mapping[tuple[str, str], Decimal]) -> str:
    """Return exchange rates, by (source, target) currency, as JSON."""
    return json.dumps([[source, target, str(rate)] for (source, target), rate in sorted(rates.items())])


def decode_rates(text: str) -> dict[tuple[str, str], Decimal]:
    """Return what ``encode_rates`` wrote."""
    return {(source, target): Decimal(rate) for source, target, rate in json.loads(text)}
