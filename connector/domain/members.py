"""Members as the chain's loyalty scheme knows them: the owner of the truth about tier, points, number, state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

# What a scheme may own of a membership; a source owns the fields that it has a column for.
OWNABLE = ("number", "tier", "points", "expires_on", "state", "url")


@dataclass(frozen=True, slots=True)
class Member:
    """One member. None in an owned field clears it; a field that the source does not own is ignored.

    ``tier`` is a tier code, ``points`` whole, ``state`` a Mews membership state, ``url`` the address of the member's
    card. ``partner_numbers`` are by program code; a program that the source does not know about is not among them.
    ``share``: whether partners may be told of the member's stays; None where the scheme does not say.
    E-mail and names are passing through only, for matching: the store keeps keyed hashes of them.
    """

    member_id: str
    number: str | None = field(default=None, repr=False)
    tier: str | None = None
    points: int | None = None
    expires_on: date | None = None
    state: str | None = None
    mews_id: str | None = None
    email: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    url: str | None = None
    partner_numbers: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    share: bool | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of the scheme that cannot be read: where, what, what was expected. ``member_id`` if it was readable."""

    line: int
    text: str
    member_id: str | None = None
