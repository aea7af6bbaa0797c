"""Reading records one by one: a bad record is set aside with a sentence about it, the others go on.

Response enums of Mews are open and required properties are sometimes absent, so each parser asks only for
what the connector uses. The readers here raise ``Skippable`` with the name of the property and what was
expected; they never repeat a value that could be a person's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from connector.errors import Skippable
from connector.mews.times import read_date, read_moment

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
Record = Mapping[str, Any]
Required = Annotated[str, msgspec.Meta(min_length=1)]
LARGEST_WHOLE = 2**31 - 1  # Mews says "integer": what every database takes as one
Whole = Annotated[int, msgspec.Meta(ge=-LARGEST_WHOLE, le=LARGEST_WHOLE)]

# Numbers with a fraction stay digits until somebody asks for one: of a dozen in an order item three count. As bytes
# they are no text, and nothing else in JSON is bytes.
digits = str.encode
JSON = msgspec.json.Decoder(float_hook=digits)

_NUL, _WRITTEN_NUL = "\0", b"\\u0000"  # PostgreSQL takes none; JSON writes it in one way only
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)  # what an id looks like, and nothing that a guest is called
_WIDEST = 60  # digits before or behind the point: no amount comes near


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that cannot be used: its kind, its id ("" if unreadable), and one sentence about it.

    ``parent_id`` is the record that it belongs to, as the order of an order item, if that was readable.
    """

    kind: str
    id: str
    text: str
    parent_id: str = ""


class Documented(Generic[T]):
    """A parser for records that come by hundreds of thousands, nearly all of them as Mews documents them.

    ``made`` makes the result of a record of the documented ``kind``, whose type it names; ``judged`` reads every other
    one in four times the time: it says what is wrong, or tolerates it.
    """

    __slots__ = ("_decoder", "_judged", "_made")

    def __init__(self, kind: type[S], made: Callable[[S], T], judged: Callable[[Record], T]) -> None:
        self._decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]  # which it is at run time
        self._made, self._judged = made, judged

    def __call__(self, record: Record) -> T:
        """Read a record of any kind with care."""
        return self._judged(record)

    def at_once(self, records: Sequence[bytes]) -> list[T] | None:
        """Return what is made of the JSON of records when all are as documented; None when one of them is not."""
        joined = b"[" + b",".join(records) + b"]"
        try:
            return None if _WRITTEN_NUL in joined else list(map(self._made, self._decoder.decode(joined)))
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
            return None


def parse_each(
    records: Sequence[Any], parser: Callable[[Record], T], kind: str, *, parent: str = ""
) -> tuple[list[T], list[Bad]]:
    """Parse records, or their JSON, in their order; those that cannot be used come back as the second list.

    ``kind`` is what a person calls the record; ``parent`` the property that names what it belongs to.
    """
    at_once = parser.at_once if isinstance(parser, Documented) and _are_json(records) else None
    if at_once and (page := at_once(records)) is not None:
        return page, []
    good: list[T] = []
    bad: list[Bad] = []
    for record in records:
        if at_once and (read := at_once([record])) is not None:
            good += read
            continue
        found = _decoded(record)
        try:
            good.append(parser(found) if isinstance(found, dict) else _not_an_object())
        except Skippable as fault:
            bad.append(_set_aside(kind, found, fault, parent))
    return good, bad


def _are_json(records: Sequence[Any]) -> bool:
    """Tell whether the JSON of a list was left for its parser, which holds for all of its records or none."""
    return bool(records) and isinstance(records[0], msgspec.Raw)


def _decoded(record: Any) -> Any:
    """Return a record whose JSON was left for its parser; None when that cannot be read."""
    if not isinstance(record, msgspec.Raw):
        return record
    try:
        return JSON.decode(record)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _not_an_object() -> Any:
    raise Skippable("the record is not a JSON object")


def _set_aside(kind: str, record: Any, fault: Skippable, parent: str) -> Bad:
    known = _identifier(record, "Id")
    sentence = f"{kind} {known or 'without a readable Id'}: {fault}"
    return Bad(kind, known, sentence, _identifier(record, parent))


def _identifier(record: Any, name: str) -> str:
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def text(record: Record, name: str) -> str:
    """Return a text that must be there."""
    if (value := optional_text(record, name)) is not None:
        return value
    raise Skippable(f"{name} is missing, a text was expected")


def optional_text(record: Record, name: str) -> str | None:
    """Return a text; None when it is absent, null or empty."""
    value = record.get(name)
    if value is None or isinstance(value, str):
        return readable(value, name) if value else None
    raise Skippable(f"{name} is of another type, a text was expected")


def readable(value: str, name: str) -> str:
    """Return a text that a database takes."""
    if _NUL not in value:
        return value
    raise Skippable(f"{name} holds a NUL character, a text was expected")


def texts(record: Record, name: str) -> frozenset[str]:
    """Return a list of texts as a set; empty when it is absent or null."""
    value = record.get(name) or []
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return frozenset(readable(one, name) for one in value)
    raise Skippable(f"{name} is of another type, a list of texts was expected")


def word(record: Record, name: str, known: Collection[str]) -> str:
    """Return an enum value that must be one we know how to treat."""
    if (value := text(record, name)) in known:
        return value
    raise Skippable(f"{name} {value[:40]!r} is not known, one of {', '.join(sorted(known))} was expected")


def flag(record: Record, name: str) -> bool:
    """Return a boolean that must be there."""
    value = record.get(name)
    if isinstance(value, bool):
        return value
    raise Skippable(f"{name} is missing, true or false was expected")


def optional_whole(record: Record, name: str) -> int | None:
    """Return a whole number; None when it is absent or null. ``5.0`` is whole."""
    if record.get(name) is None:
        return None
    amount = number(record, name)
    if abs(amount) <= LARGEST_WHOLE and amount == amount.to_integral_value():
        return int(amount)
    raise Skippable(f"{name} is not a whole number, one of at most {LARGEST_WHOLE} was expected")


def whole(record: Record, name: str) -> int:
    """Return a whole number that must be there."""
    value = optional_whole(record, name)
    if value is None:
        raise Skippable(f"{name} is missing, a whole number was expected")
    return value


def number(record: Record, name: str) -> Decimal:
    """Return a number that must be there, with the digits that Mews sent."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, bytes)):
        raise Skippable(f"{name} is {'missing' if value is None else 'of another type'}, a number was expected")
    try:
        found = Decimal(value if isinstance(value, int) else value.decode())
    except InvalidOperation:
        raise Skippable(f"{name} is not readable, a number was expected") from None
    if not -_WIDEST <= int(found.as_tuple().exponent) <= found.adjusted() <= _WIDEST:
        raise Skippable(f"{name} is too long or too large, a number was expected")
    return found


def moment(record: Record, name: str) -> datetime:
    """Return a moment that must be there, aware, UTC."""
    value = optional_moment(record, name)
    if value is None:
        raise Skippable(f"{name} is missing, a time was expected")
    return value


def optional_moment(record: Record, name: str) -> datetime | None:
    """Return a moment, aware, UTC; None when it is absent or null."""
    return _read(record, name, read_moment)


def optional_date(record: Record, name: str) -> date | None:
    """Return the calendar date of a date or date-time; None when it is absent or null."""
    return _read(record, name, read_date)


def _read(record: Record, name: str, reader: Callable[[str], T]) -> T | None:
    value = optional_text(record, name)
    if value is None:
        return None
    try:
        return reader(value)
    except (ValueError, OverflowError):
        raise Skippable(f"{name} is not readable, an ISO-8601 time was expected") from None


def part(record: Record, name: str) -> Record:
    """Return an object that must be there."""
    value = optional_part(record, name)
    if value is None:
        raise Skippable(f"{name} is missing, an object was expected")
    return value


def optional_part(record: Record, name: str) -> Record | None:
    """Return an object; None when it is absent or null."""
    value = record.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise Skippable(f"{name} is of another type, an object was expected")
