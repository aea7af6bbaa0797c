"""Changes of programs, tiers and memberships, and how Mews wants them written.

In an update a property that is absent is kept, ``{"Value": x}`` sets it and ``{"Value": null}`` clears it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.mews.times import write_date

# The fields of a membership as the domain names them, and as Mews does; its deprecated Code is left out.
MEMBERSHIP_FIELDS: Mapping[str, str] = {
    "state": "State",
    "is_primary": "IsPrimary",
    "number": "MembershipNumber",
    "points": "Points",
    "expires_on": "ExpirationDate",
    "tier_id": "LoyaltyTierId",
    "provider_id": "ProviderMembershipId",
    "url": "Url",
}


@dataclass(frozen=True, slots=True)
class MembershipAdd:
    """A membership to be added. Its provider id is not among the fields: Mews takes that by update only."""

    account_id: str
    program_id: str
    is_primary: bool
    state: str
    number: str | None = field(default=None, repr=False)
    points: int | None = None
    expires_on: date | None = None
    tier_id: str | None = None
    url: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it; what is None is left out."""
        optional = {MEMBERSHIP_FIELDS[name]: getattr(self, name) for name in _OPTIONAL_ON_ADD}
        return {
            "AccountId": self.account_id,
            "LoyaltyProgramId": self.program_id,
            "IsPrimary": self.is_primary,
            "State": self.state,
            **{name: _written(value) for name, value in optional.items() if value is not None},
        }


_OPTIONAL_ON_ADD = ("number", "points", "expires_on", "tier_id", "url")


@dataclass(frozen=True, slots=True)
class MembershipUpdate:
    """Changes of one membership: ``fields`` holds the changed ones by their Membership name; None clears."""

    id: str
    fields: Mapping[str, object] = field(repr=False)

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it: a field that is absent is kept."""
        changes = {MEMBERSHIP_FIELDS[name]: _set(value) for name, value in self.fields.items()}
        return {"LoyaltyMembershipId": self.id, **changes}


@dataclass(frozen=True, slots=True)
class ProgramAdd:
    """A program to be added; its code stays for good."""

    code: str
    name: str
    type: str
    subscription: str

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it."""
        return {"Name": self.name, "Code": self.code, "Type": self.type, "Subscription": self.subscription}


@dataclass(frozen=True, slots=True)
class ProgramUpdate:
    """Changes of one program; None keeps a field. Mews has no way to change the code."""

    id: str
    name: str | None = None
    type: str | None = None
    subscription: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it."""
        changes = {"Name": self.name, "Type": self.type, "Subscription": self.subscription}
        return {"LoyaltyProgramId": self.id, **_changed(changes)}


@dataclass(frozen=True, slots=True)
class TierAdd:
    """A tier to be added."""

    program_id: str
    code: str
    name: str
    ordering: int

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it."""
        return {
            "LoyaltyProgramId": self.program_id,
            "Name": self.name,
            "Code": self.code,
            "Ordering": self.ordering,
        }


@dataclass(frozen=True, slots=True)
class TierUpdate:
    """Changes of one tier; None keeps a field. A new code breaks channel bookings that carry the old one."""

    id: str
    code: str | None = None
    name: str | None = None
    ordering: int | None = None

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it."""
        changes = {"Name": self.name, "Code": self.code, "Ordering": self.ordering}
        return {"LoyaltyTierId": self.id, **_changed(changes)}


def _changed(changes: Mapping[str, object]) -> dict[str, Any]:
    return {name: _set(value) for name, value in changes.items() if value is not None}


def _set(value: object) -> dict[str, object]:
    return {"Value": _written(value)}


def _written(value: object) -> object:
    return write_date(value) if isinstance(value, date) else value
