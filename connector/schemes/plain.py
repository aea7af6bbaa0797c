"""The text of a value that came typed, from JSON or a database, or what it is instead."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

_LARGEST_FLOAT = 2.0**53  # above it, neighbouring whole numbers are the same float
_DIGITS = 255  # Mews takes no longer text of a number
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "empty"),
    (bool, "true or false"),
    (Mapping, "an object"),
    ((list, tuple, set), "a list"),
    ((bytes, bytearray, memoryview), "binary data"),
    (str, "a text"),
    ((int, float, Decimal), "a number"),
)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*", re.ASCII)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # neither a database nor Mews takes these


class NotText(ValueError):  # says what the value is instead, as the middle of a sentence
    """What a value is instead of a text."""


def text_of(value: object) -> str:
    """Return the text of a value: "" for None, the digits of a whole number, YYYY-MM-DD of a date or moment.

    Raises NotText for whatever else has no text that somebody could have meant.
    """
    match value:
        case str():
            return _readable(value)
        case None:
            return ""
        case int() if not isinstance(value, bool):
            return _digits(value)
        case float() | Decimal():
            return _digits(_whole(value))
        case date():
            return value.isoformat()[:10]
        case UUID():
            return str(value)
    raise NotText(f"is {kind_of(value)}; expected a text or a whole number")


def day_of(value: object) -> str:
    """Return the text of a day; of a moment that is written as text its day, as it is written."""
    text = text_of(value).strip()
    moment = _MOMENT.fullmatch(text)
    return moment.group(1) if moment else text


def kind_of(value: object) -> str:
    """Name what a value is, without the value."""
    return next((kind for types, kind in _KINDS if isinstance(value, types)), "of another type")


def _readable(text: str) -> str:
    if _NO_TEXT.search(text):
        raise NotText("holds a character that is no text; expected letters, digits and signs")
    return text


def _whole(value: float | Decimal) -> int:
    finite = math.isfinite(value) if isinstance(value, float) else value.is_finite() and value.adjusted() < _DIGITS
    if not finite or value != value // 1:
        raise NotText("is not a whole number; expected a text or a whole number")
    if isinstance(value, float) and abs(value) > _LARGEST_FLOAT:
        raise NotText("is a floating-point number too large to be exact; expected a text or a whole number")
    return int(value)


def _digits(value: int) -> str:
    if abs(value) >= 10**_DIGITS:
        raise NotText("is a number with too many digits; expected a text or a smaller number")
    return str(int(value))
