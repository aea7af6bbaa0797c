"""The kinds of value that a configuration holds, each with its own sentence for a wrong one.

Pydantic's own reading is not used where it surprises: "5m" is no duration to it, "02:30" is two and a half
hours, and a float would be an amount. Every kind is given as text and shown again as text by ``written``.
"""

from __future__ import annotations

import json
import re
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
TABLE_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)

_MOST = 2**31 - 1  # what either database takes for a number

LIKE_DURATION = 'a duration like "30s", "5m", "12h" or "90d"'
LIKE_EVERY = 'a duration like "5m" or a time of day like "06:30"'
LIKE_TIME = 'a time of day like "22:00"'
LIKE_HOLD = '"settled", "none" or a duration like "7d"'
LIKE_DELAY = '"never" or a duration like "10d"'
LIKE_AMOUNT = 'digits like "20.00"'


class Word(str):
    """How the reference calls a kind of value."""


def fault(what: str, expected: str) -> PydanticCustomError:
    """Return the error of a value: what it is, and what was expected."""
    return PydanticCustomError("fault", "{what}; expected {expected}", {"what": what, "expected": expected})


def shown(value: object) -> str:
    """Return a value of the file for a message, short and in the file's own notation."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = value.isoformat() if isinstance(value, date | time) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def written(value: object) -> Any:
    """Return a setting as it would stand in the file (durations and amounts as text)."""
    if isinstance(value, timedelta):
        return _written_duration(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, tuple):
        return [written(one) for one in value]
    return value


def _written_duration(value: timedelta) -> str:
    seconds = value.days * 86_400 + value.seconds
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _duration_in(value: object) -> timedelta | None:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None


def _time_in(value: object) -> time | None:
    match = _TIME_OF_DAY.fullmatch(value) if isinstance(value, str) else None
    return time(int(match[1]), int(match[2])) if match else None


def duration(value: object) -> timedelta:
    """Read "<int>s|m|h|d", of six digits at most."""
    length = _duration_in(value)
    if length is None:
        raise fault(f"{shown(value)} is not a duration", LIKE_DURATION)
    return length


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise fault('"0" is too short', 'a duration above zero like "30s"')
    return value


def every(value: object) -> timedelta | time:
    """Read when a job runs: an interval above zero, or a time of day in the chain's time zone."""
    found = _duration_in(value) or _time_in(value)
    if found is None:
        raise fault(f"{shown(value)} is not a schedule", LIKE_EVERY)
    return found


def time_of_day(value: object) -> time:
    """Read "HH:MM"."""
    found = _time_in(value)
    if found is None:
        raise fault(f"{shown(value)} is not a time of day", LIKE_TIME)
    return found


def hold(value: object) -> timedelta | str:
    """Read how long an award waits: a word, or a duration after check-out."""
    found = value if value in ("settled", "none") else _duration_in(value)
    if not isinstance(found, str | timedelta):
        raise fault(f"{shown(value)} is not a hold", LIKE_HOLD)
    return found


def delay(value: object) -> timedelta | str:
    """Read how long something waits: a duration, or "never"."""
    found = value if value == "never" else _duration_in(value)
    if not isinstance(found, str | timedelta):
        raise fault(f"{shown(value)} is not a delay", LIKE_DELAY)
    return found


def amount(value: object) -> Decimal:
    """Read a decimal number given as text; a float would not be exact."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise fault(f"{shown(value)} is not an amount", LIKE_AMOUNT)
    return Decimal(value)


def _above_zero(value: Decimal) -> Decimal:
    if value <= 0:
        raise fault(f"{shown(str(value))} is not above zero", 'an amount like "20.00"')
    return value


def currency(value: object) -> str:
    """Read an ISO 4217 code that CLDR knows."""
    from babel.core import get_global

    if not isinstance(value, str) or value not in get_global("all_currencies"):
        raise fault(f"{shown(value)} is not a currency", 'an ISO 4217 code like "EUR"')
    return value


def time_zone(value: object) -> str:
    """Read an IANA time zone name."""
    try:
        return ZoneInfo(value).key if isinstance(value, str) else _no_zone(value)
    except (ValueError, OSError, LookupError):
        return _no_zone(value)


def _no_zone(value: object) -> str:
    raise fault(f"{shown(value)} is not a time zone", 'an IANA name like "Europe/Vienna"')


def table_name(value: object) -> str:
    """Read a table name that we choose: environment names and file names are made of it."""
    if not isinstance(value, str) or not TABLE_NAME.fullmatch(value):
        raise fault("is not a table name", 'lower-case words like "miles_and_more"')
    return value


def _file(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise fault(f"{shown(value)} is not a file", 'a path like "members.csv"')
    return Path(value)


def _one_line(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isprintable():
        raise fault("the secret holds a line break or another control character", "one line")
    return value


def constant(value: object) -> object:
    """Read a text or a whole number; what is neither is one fault, not one for each."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise fault(f"{shown(value)} is neither a text nor a whole number", "one of these")
    return value


def text_schema(pattern: str) -> WithJsonSchema:
    """Return that a value is written as a text of this pattern."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


_AS_WRITTEN = PlainSerializer(written, return_type=str, when_used="json")
_D, _T = r"[0-9]{1,6}[smhd]", r"([01][0-9]|2[0-3]):[0-5][0-9]"

Duration = Annotated[timedelta, BeforeValidator(duration), _AS_WRITTEN, text_schema(_D), Word("duration")]
Interval = Annotated[Duration, AfterValidator(_positive), Word("duration")]
Every = Annotated[
    timedelta | time,
    BeforeValidator(every),
    _AS_WRITTEN,
    text_schema(f"{_D}|{_T}"),
    Word("duration or HH:MM"),
]
TimeOfDay = Annotated[time, BeforeValidator(time_of_day), _AS_WRITTEN, text_schema(_T), Word("HH:MM")]
Hold = Annotated[
    Literal["settled", "none"] | timedelta,
    BeforeValidator(hold),
    _AS_WRITTEN,
    text_schema(f"settled|none|{_D}"),
    Word("settled, none or duration"),
]
Delay = Annotated[
    Literal["never"] | timedelta,
    BeforeValidator(delay),
    _AS_WRITTEN,
    text_schema(f"never|{_D}"),
    Word("never or duration"),
]
Amount = Annotated[
    Decimal, BeforeValidator(amount), _AS_WRITTEN, text_schema(r"[0-9]{1,15}(\.[0-9]{1,6})?"), Word("amount")
]
PositiveAmount = Annotated[Amount, AfterValidator(_above_zero), Word("amount")]
Currency = Annotated[str, BeforeValidator(currency), text_schema("[A-Z]{3}"), Word("currency code")]
TimeZone = Annotated[str, BeforeValidator(time_zone), Word("time zone")]
TableName = Annotated[str, BeforeValidator(table_name), text_schema(TABLE_NAME.pattern)]
File = Annotated[Path, BeforeValidator(_file), Word("path")]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], Strict(False), Word("list of text")]
Constants = Annotated[dict[Text, Annotated[str | int, BeforeValidator(constant)]], Word("table of text and numbers")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Positive = Annotated[int, Field(gt=0, le=_MOST)]
Miles = Annotated[int, Field(gt=0, lt=1_000_000)]
Secret = Annotated[SecretStr, AfterValidator(_one_line), Word("secret")]
