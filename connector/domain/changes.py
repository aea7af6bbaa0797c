"""The changes of memberships that a plan is made of, each with what it takes from the guest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from connector.domain.harm import HARMLESS, REMOVAL_ONLY, Harm

Value = str | int | date | None
Fields = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Add:
    """A membership to add. Mews takes the provider's id only afterwards, by update: see ``completion``."""

    account_id: str
    member_id: str
    is_primary: bool
    fields: Fields
    kind: ClassVar[str] = "add_membership"
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The guest profile concerned."""
        return self.account_id

    def completion(self, membership_id: str) -> Update:
        """Return the second write, for the membership that the first one made."""
        return Update(membership_id, {"provider_id": self.member_id}, {"provider_id": None})


@dataclass(frozen=True, slots=True)
class AddPartner(Add):
    """A membership to add in a partner's program, whose number the scheme knows; it never becomes the primary one."""

    program_id: str = ""
    kind: ClassVar[str] = "add_partner_membership"

    @property
    def subject(self) -> str:
        """The guest profile concerned, and the program, since the same pass may add another one there."""
        return f"{self.account_id}/{self.program_id}"


@dataclass(frozen=True, slots=True)
class Update:
    """The changed fields of a membership by ``loyalty.Membership`` name, their former values, and the harm in it."""

    membership_id: str
    fields: Fields
    before: Fields
    harm: frozenset[Harm] = HARMLESS
    kind: ClassVar[str] = "update_membership"

    @property
    def subject(self) -> str:
        """The membership concerned."""
        return self.membership_id


@dataclass(frozen=True, slots=True)
class Cancel:
    """A membership to be kept as Canceled; ``state`` is the former one."""

    membership_id: str
    state: str
    kind: ClassVar[str] = "cancel_membership"
    harm: ClassVar[frozenset[Harm]] = REMOVAL_ONLY
    fields: ClassVar[Fields] = {"state": "Canceled"}

    @property
    def subject(self) -> str:
        """The membership concerned."""
        return self.membership_id

    @property
    def before(self) -> Fields:
        """The former state, as an update would carry it."""
        return {"state": self.state}


@dataclass(frozen=True, slots=True)
class Delete:
    """A membership to be deleted."""

    membership_id: str
    kind: ClassVar[str] = "delete_membership"
    harm: ClassVar[frozenset[Harm]] = REMOVAL_ONLY
    fields: ClassVar[Fields] = {}

    @property
    def subject(self) -> str:
        """The membership concerned."""
        return self.membership_id


Change = Add | Update | Cancel | Delete
