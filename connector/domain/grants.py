"""A grant: miles with no stay behind them, by a person's decision (goodwill, a visit) or for points of the scheme."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connector.domain.numbers import looks_like_payment_card

Kind = Literal["grant", "exchange"]

#: As whom members earn by a grant or an exchange of points: by its kind. No seat of a stay is called so.
SEATS: tuple[Kind, ...] = ("grant", "exchange")

#: Stands for the id of the membership that a grant has not.
GRANTED = "grant"

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whole miles > 0 for a canonical member number on a day; ``property_id`` is empty where none is named.

    ``reference`` is its identity at the partner among those of its kind: the same one never grants twice.
    """

    reference: str
    number: str = field(repr=False)
    miles: int
    day: date
    property_id: str = ""
    kind: Kind = "grant"

    @property
    def root(self) -> str:
        """What stands in the place of a root reservation; no id of Mews looks like it."""
        return f"{self.kind}/{self.reference}"

    @property
    def seat(self) -> str:
        """As whom the member earns."""
        return self.kind


def roots(reference: str) -> list[str]:
    """Return what stands in the place of a root reservation for a reference, of each kind."""
    return [f"{kind}/{reference}" for kind in SEATS]


def is_reference(text: str, number: str) -> bool:
    """Tell whether a text can be a grant's reference: short, plain, and without the member's number."""
    return bool(_REFERENCE.fullmatch(text)) and number not in text and not looks_like_payment_card(text)


def derived_reference(lane: str, miles: int, day: date, property_id: str, reason: str) -> str:
    """Return the reference of a grant that was given none: the same words on the same day are the same grant.

    ``lane`` is the keyed hash that stands for partner and member.
    """
    words = "\x1f".join((lane, str(miles), day.isoformat(), property_id, reason))
    return f"g-{hashlib.sha256(words.encode()).hexdigest()[:16]}"
