"""Points of the scheme that a member wants to have as miles: a request, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.earning import IMPLAUSIBLE
from connector.domain.grants import is_reference

COLUMNS = ("request_id", "number", "miles")


@dataclass(frozen=True, slots=True)
class Request:
    """Whole miles > 0 for a member number as it was typed; ``reference`` is the request's id in the scheme."""

    line: int
    reference: str
    number: str = field(repr=False)
    miles: int


@dataclass(frozen=True, slots=True)
class BadRequest:
    """A line that is no request: ``subject`` is its id, or where it stands when it has none; ``text`` says why."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: the state of its message, the partner's own reference, when it was settled."""

    reference: str
    state: str
    miles: int
    partner_reference: str
    at: datetime | None


def request(line: int, cells: Mapping[str, str]) -> Request | BadRequest:
    """Read one line by the names of its columns; neither the number nor an odd id is repeated in what is told."""
    reference, number, miles = (cells.get(name, "").strip() for name in COLUMNS)
    if not is_reference(reference, number or reference + "x"):
        wanted = "at most 64 letters, digits, dots, hyphens and underscores, and no member or card number"
        return BadRequest(f"line {line}", f"its request_id is not taken; expected {wanted}")
    if not number or not number.isprintable():
        return BadRequest(reference, "it has no number; expected the member number at the partner")
    if not (miles.isascii() and miles.isdigit() and 0 < int(miles[:9]) < IMPLAUSIBLE and len(miles) < 9):
        return BadRequest(reference, f"its miles are not taken; expected a whole number from 1 to {IMPLAUSIBLE - 1}")
    return Request(line, reference, number, int(miles))
