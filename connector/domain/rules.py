"""One earn rule of a contract."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

_LABELS = frozenset({"name", "description"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What a stay earns by one measure, and on which conditions.

    ``miles`` are given per ``per`` units of ``currency`` (None: the property's own), per night or per stay,
    and ``bonus`` on top once. ``items`` are Mews order item types (empty: the usual purchases).
    ``cap_stay`` 0 is no cap. ``departure_from`` and ``departure_to`` are inclusive, property-local.
    """

    basis: Literal["spend", "night", "stay"]
    miles: Decimal
    name: str = ""
    per: Decimal = Decimal(1)
    currency: str | None = None
    amount: Literal["gross", "net"] = "gross"
    items: frozenset[str] = frozenset()
    exclude_items: frozenset[str] = frozenset()
    bonus: int = 0
    min_nights: int = 0
    min_spend: Decimal = Decimal(0)
    cap_stay: int = 0
    over_cap: Literal["truncate", "refuse"] = "truncate"
    travel_agencies: Literal["any", "none"] = "any"
    companies: Literal["any", "none"] = "any"
    blocks: Literal["any", "none"] = "any"
    exclude_classifications: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    zero_rate: bool = False
    departure_from: date | None = None
    departure_to: date | None = None
    description: str = ""

    def fingerprint(self) -> str:
        """Return a stable hash of what the rule gives; labels do not change it.

        Only what differs from the default is hashed, so that a key added in a later version leaves the
        fingerprints of older rules, which are frozen with their awards, as they were.
        """
        return _digest(self)

    def __hash__(self) -> int:
        """Return a hash of what rules differ by: a rule has many fields, and is looked up for every stay."""
        return hash((self.basis, self.name, self.miles, self.per))


@lru_cache(maxsize=1024)
def _digest(rule: Rule) -> str:
    told = ((each.name, getattr(rule, each.name), each.default) for each in fields(rule))
    terms = [
        f"{name}={_canonical(value)}"
        for name, value, default in told
        if name not in _LABELS and (default is MISSING or value != default)
    ]
    return hashlib.sha256("\n".join(sorted(terms)).encode()).hexdigest()


def _canonical(value: object) -> str:
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, Decimal | int):
        return "/".join(map(str, value.as_integer_ratio()))
    return str(value)
