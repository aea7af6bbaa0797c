"""What must change so that programs and tiers in Mews agree with the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from connector.domain.harm import HARMLESS, Harm
from connector.domain.loyalty import Program, Tier

Fields = Mapping[str, str | int]
_EXPECTED = "expected one, so nothing of it is changed until the others are removed there."
Grouped = TypeVar("Grouped", Program, Tier)


@dataclass(frozen=True, slots=True)
class WantedTier:
    """A tier as the configuration names it."""

    code: str
    name: str
    ordering: int


@dataclass(frozen=True, slots=True)
class WantedProgram:
    """A program as the configuration names it."""

    code: str
    name: str
    type: str
    subscription: str
    tiers: tuple[WantedTier, ...] = ()


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
    """The changed fields of a tier."""

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


ProgramChange = AddProgram | UpdateProgram | AddTier | UpdateTier


@dataclass(slots=True)
class Comparison:
    """The changes, programs before their tiers; what is left alone; what a person must mend.

    A code of ``faults`` stands twice in Mews: nothing of it is changed, and nothing may rely on it.
    """

    changes: list[ProgramChange] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def compare(wanted: Sequence[WantedProgram], programs: Iterable[Program], tiers: Iterable[Tier]) -> Comparison:
    """Compare the configuration with the living programs of Mews and the tiers of those it names."""
    result = Comparison()
    found = _grouped((program.code, program) for program in programs)
    steps = _grouped((tier.program_id, tier) for tier in tiers)
    for program in wanted:
        _compare_program(program, found.pop(program.code, []), steps, result)
    result.left_alone += [f"Program {code} is not in the configuration; it is left alone." for code in found]
    return result


def _compare_program(
    wanted: WantedProgram, found: list[Program], tiers: Mapping[str, list[Tier]], result: Comparison
) -> None:
    fields: Fields = {"Name": wanted.name, "Type": wanted.type, "Subscription": wanted.subscription}
    if len(found) > 1:
        result.faults.append(f"Program code {wanted.code} stands {len(found)} times in Mews; {_EXPECTED}")
        return
    if not found:
        result.changes.append(AddProgram(wanted.code, {"Code": wanted.code, **fields}))
        _compare_tiers(wanted, None, [], result)
        return
    program = found[0]
    present: Fields = {"Name": program.name, "Type": program.type, "Subscription": program.subscription}
    if changed := _changed(fields, present):
        result.changes.append(UpdateProgram(program.id, wanted.code, changed))
    _compare_tiers(wanted, program.id, tiers.get(program.id, []), result)


def _compare_tiers(program: WantedProgram, program_id: str | None, tiers: list[Tier], result: Comparison) -> None:
    found = _grouped((tier.code, tier) for tier in tiers)
    for wanted in program.tiers:
        same = found.pop(wanted.code, [])
        if len(same) > 1:
            where = f"Tier code {wanted.code} of program {program.code}"
            result.faults.append(f"{where} stands {len(same)} times in Mews; {_EXPECTED}")
            continue
        result.changes += _tier_change(program.code, program_id, wanted, same)
    result.left_alone += [
        f"Tier {code} of program {program.code} is not in the configuration; it is left alone." for code in found
    ]


def _tier_change(
    program_code: str, program_id: str | None, wanted: WantedTier, same: list[Tier]
) -> Iterator[ProgramChange]:
    fields: Fields = {"Name": wanted.name, "Ordering": wanted.ordering}
    if not same:
        yield AddTier(program_code, program_id, {"Code": wanted.code, **fields})
    elif changed := _changed(fields, {"Name": same[0].name, "Ordering": same[0].ordering}):
        yield UpdateTier(same[0].id, program_code, wanted.code, changed)


def _changed(wanted: Fields, present: Fields) -> Fields:
    return {name: value for name, value in wanted.items() if present[name] != value}


def _grouped(pairs: Iterable[tuple[str, Grouped]]) -> dict[str, list[Grouped]]:
    groups: dict[str, list[Grouped]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
