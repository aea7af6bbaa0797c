"""One earn rule of a contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from connector.domain.steps import Tiers

_LABELS = frozenset({"name", "description"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What a stay earns by one measure, and on which conditions.

    ``miles`` are given per ``per`` units of ``currency`` (None: the property's own), per night, per stay or per visit
    (all the rooms of a guest whose dates overlap), and ``bonus`` on top once. ``tiers`` of spend take the place of
    ``per``: (up to, per) of money, ascending. ``tier_bonus`` has a factor by tier code, ``multipliers`` by (first,
    last) departure; they multiply the miles, not the bonus. ``items`` are Mews order item types (empty: the usual
    purchases). A cap of 0 is none. Dates are inclusive, property-local. Each choice (``rates`` and ``exclude_rates``,
    and so on) holds Mews ids, and for Mews to be asked about, names; empty: any. ``agency_ids``, ``company_ids`` and
    ``block_ids`` not empty: only stays of these. ``weekdays`` are English, "Monday" to "Sunday".
    Rules are tried in the order of ``priority``, the lowest number first; one that applies and has ``stop``
    keeps all later ones from applying. ``offer_code`` is under which its miles are issued (empty: the partner's own);
    ``offer`` is the partner's id of an offer to which the member must have opted in (empty: none).
    """

    basis: Literal["spend", "night", "stay", "visit"]
    miles: Decimal
    name: str = ""
    priority: int = 10
    stop: bool = False
    per: Decimal = Decimal(1)
    tiers: Tiers = ()
    currency: str | None = None
    amount: Literal["gross", "net"] = "gross"
    items: frozenset[str] = frozenset()
    exclude_items: frozenset[str] = frozenset()
    tier_bonus: tuple[tuple[str, Decimal], ...] = ()
    multipliers: tuple[tuple[date, date, Decimal], ...] = ()
    bonus: int = 0
    min_nights: int = 0
    min_spend: Decimal = Decimal(0)
    cap_stay: int = 0
    cap_day: int = 0
    cap_year: int = 0
    over_cap: Literal["truncate", "refuse"] = "truncate"
    travel_agencies: Literal["any", "none"] = "any"
    companies: Literal["any", "none"] = "any"
    blocks: Literal["any", "none"] = "any"
    exclude_classifications: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    zero_rate: bool = False
    departure_from: date | None = None
    departure_to: date | None = None
    arrival_from: date | None = None
    arrival_to: date | None = None
    booked_from: date | None = None
    booked_to: date | None = None
    weekdays: frozenset[str] = frozenset()
    agency_ids: frozenset[str] = frozenset()
    company_ids: frozenset[str] = frozenset()
    block_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    exclude_services: frozenset[str] = frozenset()
    revenue_types: frozenset[str] = frozenset()
    exclude_revenue_types: frozenset[str] = frozenset()
    rates: frozenset[str] = frozenset()
    exclude_rates: frozenset[str] = frozenset()
    rate_groups: frozenset[str] = frozenset()
    exclude_rate_groups: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    exclude_segments: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    exclude_origins: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    exclude_sources: frozenset[str] = frozenset()
    offer_code: str = ""
    offer: str = ""
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


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules in the order in which they are tried: by priority, those of one priority as they stand."""
    return sorted(rules, key=lambda rule: rule.priority)


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
        return ",".join(sorted(each.replace(",", "\\,") for each in value))  # the name of a rate may have one
    if isinstance(value, tuple):
        return f"({';'.join(map(_canonical, value))})"
    if isinstance(value, Decimal | int):
        return "/".join(map(str, value.as_integer_ratio()))
    return str(value)
