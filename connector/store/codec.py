"""Domain records as JSON text and back, by their own type annotations. Unknown names in a text are ignored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
Decode = Callable[[Any], Any]

_SCALARS: dict[object, Decode] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
}


def encode(record: object) -> str:
    """Return a dataclass as compact JSON; fields at None are left out."""
    values = {name: getattr(record, name) for name in _decoders(type(record))}
    return json.dumps(
        {name: value for name, value in values.items() if value is not None},
        default=_plain,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)


def decode(kind: type[T], text: str) -> T:
    """Return the dataclass that a text of ``encode`` holds."""
    decoders = _decoders(kind)
    return kind(**{name: decoders[name](value) for name, value in json.loads(text).items() if name in decoders})


def _decoders(kind: Any) -> Mapping[str, Decode]:
    known: Mapping[str, Decode] = _decoders_of(kind)
    return known


@cache
def _decoders_of(kind: Any) -> Mapping[str, Decode]:
    hints = get_type_hints(kind)
    return {field.name: _decoder(hints[field.name]) for field in fields(kind)}


def _decoder(hint: Any) -> Decode:
    if get_origin(hint) in (Union, UnionType):
        (some,) = (each for each in get_args(hint) if each is not NoneType)
        return _decoder(some)
    if get_origin(hint) is tuple:
        return _tuple_decoder(get_args(hint))
    if get_origin(hint) is frozenset:
        return frozenset
    if isinstance(hint, type) and issubclass(hint, str) and hint is not str:
        return hint
    return _SCALARS.get(hint, _same)


def _tuple_decoder(parts: tuple[Any, ...]) -> Decode:
    if len(parts) == 2 and parts[1] is Ellipsis:
        each = _decoder(parts[0])
        return lambda values: tuple(each(value) for value in values)
    decoders = [_decoder(part) for part in parts]
    return lambda values: tuple(one(value) for one, value in zip(decoders, values, strict=True))


def _same(value: Any) -> Any:
    return value


def encode_rates(rates: Mapping[tuple[str, str], Decimal]) -> str:
    """Return exchange rates, by (source, target) currency, as JSON."""
    return json.dumps([[source, target, str(rate)] for (source, target), rate in sorted(rates.items())])


def decode_rates(text: str) -> dict[tuple[str, str], Decimal]:
    """Return what ``encode_rates`` wrote."""
    return {(source, target): Decimal(rate) for source, target, rate in json.loads(text)}
