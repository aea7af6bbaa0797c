"""How far changes were read: the greatest value of a column, kept as a text that can be bound again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

OVERLAP = timedelta(minutes=5)

Value = datetime | date | int | Decimal | float | str


@dataclass(frozen=True, slots=True)
class _Kind:
    """Values that can be compared with one another, and how they are written and read."""

    type: type
    write: Callable[[Any], str]
    read: Callable[[str], Any]


_KINDS = {
    "datetime": _Kind(datetime, datetime.isoformat, datetime.fromisoformat),
    "date": _Kind(date, date.isoformat, date.fromisoformat),
    "int": _Kind(int, str, int),
    "decimal": _Kind(Decimal, str, Decimal),
    "float": _Kind(float, repr, float),
    "text": _Kind(str, str, str),
}
# Texts are compared here and by the database: both agree only where there is nothing but digits and signs.
_SORTABLE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?Z?", re.ASCII)


def position_of(value: object) -> str:
    """Return the position of a value, such as "int:17"; "" when it cannot be one."""
    for name, kind in _KINDS.items():
        if type(value) is kind.type:
            return f"{name}:{kind.write(value)}" if _is_sound(value) else ""
    return ""


def value_at(position: str) -> Value | None:
    """Return the value to read from, with its own ties; None when the position is not understood.

    A moment lies OVERLAP before the greatest one that was seen: a row of a long transaction carries an earlier
    moment than the one at which others could see it.
    """
    value = _greatest_at(position)
    try:
        if isinstance(value, datetime):
            return value - OVERLAP
        if isinstance(value, str):
            return (datetime.fromisoformat(value[:19]) - OVERLAP).isoformat(value[10])
    except (ValueError, OverflowError):
        return None
    return value


def _greatest_at(position: str) -> Value | None:
    name, _, text = position.partition(":")
    try:
        value: Value = _KINDS[name].read(text)
    except (KeyError, ValueError, ArithmeticError):
        return None
    return value if _is_sound(value) else None


class Greatest:
    """The greatest value of a column in one reading, which begins at a position."""

    def __init__(self, position: str) -> None:
        self._value: Any = _greatest_at(position)
        self._broken = False

    def see(self, value: Any) -> None:
        """Take in a value; None says nothing."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC)  # two moments of one zone are compared by their clock faces
        if value is None or value == self._value:
            return
        try:
            if self._value is None or value > self._value:
                self._value = value
        except (TypeError, ArithmeticError):  # two kinds in one column: nobody can say which is later
            self._broken = True

    @property
    def position(self) -> str:
        """The position that was reached; "" when the values cannot tell."""
        return "" if self._broken else position_of(self._value)


def _is_sound(value: object) -> bool:
    if isinstance(value, str):
        return _SORTABLE.fullmatch(value) is not None
    return not isinstance(value, float | Decimal) or math.isfinite(value)
