"""What must change so that programs and tiers in Mews agree with the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from connector.domain.loyalty import Program, Tier
from connector.domain.programs import (
    AddProgram,
    AddTier,
    DeleteProgram,
    DeleteTier,
    Deletion,
    Fields,
    UpdateProgram,
    UpdateTier,
    WantedProgram,
    WantedTier,
)

_EXPECTED = "expected one, so nothing of it is changed until the others are removed there."
Grouped = TypeVar("Grouped", Program, Tier)


@dataclass(slots=True)
class Comparison:
    """The changes, programs before their tiers; what is left alone; what a person must mend or should know.

    ``deletions`` are written after everything else, memberships included. The codes of ``faults`` are in doubt:
    nothing of them is changed, and nothing may rely on them. ``warnings`` are about changes, by their subject.
    ``successors`` are programs to add that look like one in Mews under another code.
    """

    changes: list[AddProgram | UpdateProgram | AddTier | UpdateTier] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    successors: list[tuple[str, Program]] = field(default_factory=list)


def compare(wanted: Sequence[WantedProgram], programs: Iterable[Program], tiers: Iterable[Tier]) -> Comparison:
    """Compare the configuration with the living programs of Mews and the tiers of those it names."""
    result = Comparison()
    found = _grouped((program.code, program) for program in programs)
    steps = _grouped((tier.program_id, tier) for tier in tiers)
    for program in wanted:
        _compare_program(program, found.pop(program.code, []), steps, result)
    result.left_alone += [f"Program {code} is not in the configuration; it is left alone." for code in found]
    unnamed = [program for group in found.values() for program in group]
    result.successors = [pair for change in result.changes for pair in _successors(change, unnamed)]
    return result


def new_code(code: str, old: Program, memberships: int) -> str:
    """Return the sentence for a program to add that looks like another one under a new code."""
    return (
        f"Mews cannot change a program's code: {code} is added as a new program, and {old.code} of the same name and "
        f"type is left alone with its {memberships:,} memberships."
    )


def applied(program: WantedProgram, tiers: Iterable[Tier], program_id: str | None) -> list[Tier]:
    """Return a program's tiers in Mews as they are to be named and ranked; one to be deleted is still among them.

    With a ``program_id`` the tiers to be added follow, with a placeholder for their id.
    """
    result, present = Comparison(), list(tiers)
    _compare_tiers(program, "", present, result)
    updates = {change.tier_id: change.fields for change in result.changes if isinstance(change, UpdateTier)}
    coming = [tier if tier.id not in updates else _updated(tier, updates[tier.id]) for tier in present]
    if program_id is not None:
        added = [change.fields for change in result.changes if isinstance(change, AddTier)]
        coming += [_updated(Tier(f"new:{fields['Code']}", program_id, "", "", 0), fields) for fields in added]
    return coming


def _updated(tier: Tier, fields: Fields) -> Tier:
    return replace(tier, **{name.lower(): value for name, value in fields.items()})  # type: ignore[arg-type]


def _compare_program(
    wanted: WantedProgram, found: list[Program], tiers: Mapping[str, list[Tier]], result: Comparison
) -> None:
    if len(found) > 1:
        result.faults[wanted.code] = f"Program code {wanted.code} stands {len(found)} times in Mews; {_EXPECTED}"
    elif wanted.gone:
        result.deletions += [DeleteProgram(program.id, program.code) for program in found]
    elif not found:
        result.changes.append(AddProgram(wanted.code, {"Code": wanted.code, **_fields(wanted)}))
        _compare_tiers(wanted, None, [], result)
    else:
        (program,) = found
        present: Fields = {"Name": program.name, "Type": program.type, "Subscription": program.subscription}
        if changed := _changed(_fields(wanted), present):
            result.changes.append(UpdateProgram(program.id, wanted.code, changed))
        _compare_tiers(wanted, program.id, tiers.get(program.id, []), result)


def _fields(program: WantedProgram) -> Fields:
    return {"Name": program.name, "Type": program.type, "Subscription": program.subscription}


def _compare_tiers(program: WantedProgram, program_id: str | None, tiers: list[Tier], result: Comparison) -> None:
    found = _grouped((tier.code, tier) for tier in tiers)
    new: list[WantedTier] = []
    for wanted in program.tiers:
        same = found.pop(wanted.code, [])
        former = found.pop(wanted.formerly, []) if wanted.formerly else []
        if fault := _fault(program.code, wanted, same, former):
            result.faults[f"{program.code}/{wanted.code}"] = fault
        elif wanted.gone:
            result.deletions += [DeleteTier(tier.id, tier.program_id, program.code, tier.code) for tier in same]
        elif tier := next(iter(same + former), None):
            _compare_tier(program.code, wanted, tier, result)
        else:
            new.append(wanted)
            fields: Fields = {"Code": wanted.code, "Name": wanted.name, "Ordering": wanted.ordering}
            result.changes.append(AddTier(program.code, program_id, fields))
    unnamed = [tier for group in found.values() for tier in group]
    result.left_alone += dict.fromkeys(_left_alone(program.code, tier, new) for tier in unnamed)


def _fault(program_code: str, wanted: WantedTier, same: list[Tier], former: list[Tier]) -> str:
    if same and former:
        return (
            f"Tier codes {wanted.code} and {wanted.formerly} of program {program_code} both stand in Mews, and the "
            "configuration says that they are one tier; expected one of them, or no formerly."
        )
    code, twice = (wanted.code, same) if same else (wanted.formerly, former)
    if len(twice) > 1:
        return f"Tier code {code} of program {program_code} stands {len(twice)} times in Mews; {_EXPECTED}"
    return ""


def _compare_tier(program_code: str, wanted: WantedTier, tier: Tier, result: Comparison) -> None:
    fields: Fields = {"Code": wanted.code, "Name": wanted.name, "Ordering": wanted.ordering}
    changed = _changed(fields, {"Code": tier.code, "Name": tier.name, "Ordering": tier.ordering})
    if not changed:
        return
    change = UpdateTier(tier.id, program_code, wanted.code, changed)
    result.changes.append(change)
    if "Code" in changed:
        result.warnings[change.subject] = (
            f"Tier code {tier.code} of program {program_code} becomes {wanted.code}: channel bookings match by code, "
            f"so whoever goes on sending {tier.code} does not meet this tier any more."
        )


def _left_alone(program_code: str, tier: Tier, new: Sequence[WantedTier]) -> str:
    said = f"Tier {tier.code} of program {program_code} is not in the configuration; it is left alone."
    for wanted in new:
        if tier.name == wanted.name or tier.ordering == wanted.ordering:
            return f'{said} If {wanted.code} is its new code, set formerly = "{tier.code}" there.'
    return said


def _successors(change: object, unnamed: Sequence[Program]) -> Iterator[tuple[str, Program]]:
    if isinstance(change, AddProgram):
        alike = (change.fields["Name"], change.fields["Type"])
        yield from ((change.program_code, old) for old in unnamed if (old.name, old.type) == alike)


def _changed(wanted: Fields, present: Fields) -> Fields:
    return {name: value for name, value in wanted.items() if present[name] != value}


def _grouped(pairs: Iterable[tuple[str, Grouped]]) -> dict[str, list[Grouped]]:
    groups: dict[str, list[Grouped]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
