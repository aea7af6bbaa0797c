"""What an award holds: the facts of what was earned, and what they fix for later revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from connector.domain.caps import NO_OTHERS, Others
from connector.domain.offers import OptIn
from connector.domain.shares import Shares


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the first award of a stay fixes for its revisions.

    ``fingerprint`` is the contract's; ``rates`` are those that were used. The membership is not judged
    again; where both its id and number are None, it is. What ``others`` gave stays taken: a stay does not gain by
    another's correction. ``stitched``: it may be one with what adjoins. ``opt_ins`` is what the partner said of the
    member's opt-ins, by offer.
    """

    fingerprint: str
    rates: Mapping[tuple[str, str], Decimal]
    tier: str | None = None
    membership_id: str | None = None
    member_number: str | None = None
    others: Others = NO_OTHERS
    stitched: bool = False
    opt_ins: Mapping[str, OptIn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earned:
    """The facts of an award.

    ``value_net`` and ``value_gross`` are exact, in ``currency``, never negative; ``taxes`` by Mews tax code.
    ``description`` is the text that goes with the credit, empty where no rule has one. ``shares`` are the miles by
    offer code (empty: all under the partner's own).
    """

    miles: int
    member_number: str
    membership_id: str
    program_code: str
    departed_at: datetime
    departure: date
    currency: str
    value_net: Decimal
    value_gross: Decimal
    frozen: Frozen
    taxes: tuple[tuple[str, Decimal], ...] = ()
    seat: str = "owner"
    description: str = ""
    shares: Shares = ()
