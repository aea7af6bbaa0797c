"""What a parser made of a document, and what must hold of that whatever the document was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from connector.errors import ConnectorError, Misconfigured
from connector.telemetry import redact

#: What the valid documents hold of a person, or of a secret: no reason may repeat it.
EMAIL, FIRST, LAST = "zora.quist@guests.example", "Zoraldine", "Quistgaard"
MILES_NUMBER, AIR_NUMBER, SECRET = "992003669288601", "80085102028", "qz-geheimnis-7431"
PRIVATE = (EMAIL, FIRST, LAST, MILES_NUMBER, AIR_NUMBER, SECRET)
_LONGEST_REASON = 1000
redact.register(SECRET)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read of ``given`` records (None: it cannot be told), and a reason for each that was not.

    ``words`` are texts made of what others wrote, which people will read; they hold nothing private either. ``called``
    holds the ids and names by which the document itself calls its parts: a reason may name a part so.
    """

    read: tuple[object, ...] = ()
    refused: tuple[str, ...] = ()
    given: int | None = None
    words: tuple[str, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser with valid documents for it; ``form`` says how documents are written, and so how they are spoilt."""

    name: str
    read: Callable[[bytes], Outcome]
    seeds: tuple[bytes, ...]
    form: Literal["json", "lines", "toml", "bytes"] = "json"

    def __str__(self) -> str:
        return self.name


def outcome(target: Target, document: bytes) -> Outcome:
    """Read a document; one that is refused whole by an error of ours is one that was given and refused."""
    try:
        return target.read(document)
    except Misconfigured as error:
        return Outcome(refused=error.faults or ("",))
    except ConnectorError as error:
        return Outcome(refused=(str(error),))


def faults(found: Outcome) -> Iterator[str]:
    """Yield what does not hold: something vanished, a reason says nothing or too much, a value cannot be kept."""
    if found.given is not None and len(found.read) + len(found.refused) != found.given:
        yield f"of {found.given} records {len(found.read)} were read and {len(found.refused)} refused"
    if found.given is None and not found.read and not found.refused:
        yield "neither anything was read nor a reason given"
    for reason in found.refused:
        if not 10 <= len(reason) <= _LONGEST_REASON or any(each in reason for each in "\r\n\0"):
            yield f"this is no reason in one sentence: {reason[:200]!r}"
    private = [each.casefold() for each in PRIVATE if each.casefold() not in found.called.casefold()]
    for text in (*found.refused, *found.words):
        if any(each in text.casefold() for each in private):
            yield f"this tells what is private: {text[:200]!r}"
    for value in (*found.read, *found.words):
        yield from _unkeepable(value)


def wrong(target: Target, document: bytes) -> str:
    """Return what is wrong with how a document is read, "" when nothing is; a crash is that too."""
    try:
        return "; ".join(faults(outcome(target, document)))
    except Exception as crash:  # noqa: BLE001  # to find whatever is raised here is what this is for
        return f"crash: {type(crash).__name__}: {crash}"[:300]


def _unkeepable(value: Any) -> Iterator[str]:
    """Yield why a value would break what comes behind the parser: a database, or arithmetic."""
    if isinstance(value, str) and not isinstance(value, Enum):
        if "\0" in value or (not value.isascii() and value.encode("utf-8", "replace").decode() != value):
            yield f"this is no text that a database takes: {value[:80]!r}"
    elif isinstance(value, int) and value.bit_length() > 31:
        yield f"this is no number that a database takes: of {value.bit_length()} bits"
    elif isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) <= 60):
        yield f"this is no amount: {str(value)[:80]}"
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _unkeepable(getattr(value, each.name))
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _unkeepable(pair)
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from _unkeepable(each)
