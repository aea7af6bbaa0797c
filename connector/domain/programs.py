"""Programs and tiers as the configuration wants them, and the changes that bring Mews there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from connector.domain.harm import HARMLESS, Harm

Fields = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class WantedTier:
    """A tier as the configuration names it.

    ``formerly`` is the code by which Mews may know it still; ``gone``: it is to be deleted.
    """

    code: str
    name: str
    ordering: int
    formerly: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class WantedProgram:
    """A program as the configuration names it; ``gone``: it is to be deleted, its tiers with it."""

    code: str
    name: str
    type: str
    subscription: str
    tiers: tuple[WantedTier, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class AddProgram:
    """A program to add; ``fields`` by Mews property name."""

    program_code: str
    fields: Fields

    kind: ClassVar[str] = "add_program"
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The program's code."""
        return self.program_code


@dataclass(frozen=True, slots=True)
class UpdateProgram:
    """The changed fields of a program. Its code cannot change in Mews, so it identifies the program."""

    program_id: str
    program_code: str
    fields: Fields

    kind: ClassVar[str] = "update_program"
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The program's code."""
        return self.program_code


@dataclass(frozen=True, slots=True)
class AddTier:
    """A tier to add; ``program_id`` is None while the program itself is still to be added."""

    program_code: str
    program_id: str | None
    fields: Fields

    kind: ClassVar[str] = "add_tier"
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The codes of program and tier."""
        return f"{self.program_code}/{self.fields['Code']}"


@dataclass(frozen=True, slots=True)
class UpdateTier:
    """The changed fields of a tier; a new code is among them, and ``tier_code`` is that one."""

    tier_id: str
    program_code: str
    tier_code: str
    fields: Fields

    kind: ClassVar[str] = "update_tier"
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The codes of program and tier."""
        return f"{self.program_code}/{self.tier_code}"


@dataclass(frozen=True, slots=True)
class DeleteTier:
    """A tier to be deleted, once no membership is on it: what Mews does with those is not documented."""

    tier_id: str
    program_id: str
    program_code: str
    tier_code: str

    kind: ClassVar[str] = "delete_tier"
    fields: ClassVar[Fields] = {}
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The codes of program and tier."""
        return f"{self.program_code}/{self.tier_code}"


@dataclass(frozen=True, slots=True)
class DeleteProgram:
    """A program to be deleted, once no membership of it is active: Mews refuses it before (loyaltyPrograms/delete)."""

    program_id: str
    program_code: str

    kind: ClassVar[str] = "delete_program"
    fields: ClassVar[Fields] = {}
    harm: ClassVar[frozenset[Harm]] = HARMLESS

    @property
    def subject(self) -> str:
        """The program's code."""
        return self.program_code


Deletion = DeleteTier | DeleteProgram
ProgramChange = AddProgram | UpdateProgram | AddTier | UpdateTier | Deletion
