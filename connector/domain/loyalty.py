"""What Mews holds: loyalty programs, tiers, memberships, and the guests that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

ACTIVE_STATES = frozenset({"New", "Pending", "Enrolled"})


@dataclass(frozen=True, slots=True)
class Program:
    """A loyalty program of the chain; ``code`` cannot be changed in Mews (contract: loyaltyPrograms)."""

    id: str
    code: str
    name: str
    type: str
    subscription: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of a program; ``ordering`` grows with the tier's worth."""

    id: str
    program_id: str
    code: str
    name: str
    ordering: int


class Membership(NamedTuple):
    """A guest's membership as Mews shows it; ``points`` are whole, ``expires_on`` is a calendar date.

    A tuple, as the guest is, because there are hundreds of thousands: a frozen dataclass takes five times as long to
    make.
    """

    id: str
    account_id: str
    program_id: str
    state: str
    is_primary: bool
    number: str | None = None
    points: int | None = None
    expires_on: date | None = None
    tier_id: str | None = None
    provider_id: str | None = None
    url: str | None = None
    deleted: bool = False

    def __repr__(self) -> str:
        return f"Membership(id={self.id!r}, account_id={self.account_id!r}, program_id={self.program_id!r})"


class Guest(NamedTuple):
    """A guest profile (Mews customer). E-mail and names are passing through only: the store keeps keyed hashes."""

    id: str
    active: bool
    merge_target_id: str | None
    has_ota_email: bool
    updated: datetime
    classifications: frozenset[str] = frozenset()
    loyalty_code: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    def __repr__(self) -> str:
        return f"Guest(id={self.id!r})"
