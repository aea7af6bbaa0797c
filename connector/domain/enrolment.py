"""A guest who asks to join the scheme: a membership in Mews that the scheme does not know yet."""

from __future__ import annotations

from dataclasses import dataclass, field

ASKED_FOR = frozenset({"New", "Pending"})
"""The states of a membership by which staff or a guest ask (Connector API, loyaltyMemberships)."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks, read from Mews for one request and kept nowhere; ``reference`` is the membership's id.

    The same membership is always asked for by the same reference, so that a scheme can tell a repeated request.
    """

    reference: str
    email: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Declined:
    """The scheme did not make a member; ``why`` is part of a sentence, without anything about a person."""

    why: str
