"""The plan in short: how many changes of each kind, a few examples, the harm in them, and the plan's id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connector.domain import alignment
from connector.domain.changes import Add, Cancel, Change, Update
from connector.domain.harm import Harm, PlanId
from connector.domain.numbers import mask
from connector.domain.programs import ProgramChange
from connector.domain.tiers import Tiers

EXAMPLES = 5

_KINDS = {
    "add_program": ("program", "to add"),
    "update_program": ("program", "to update"),
    "add_tier": ("tier", "to add"),
    "update_tier": ("tier", "to update"),
    "add_membership": ("membership", "to add"),
    "add_partner_membership": ("partner membership", "to add"),
    "update_membership": ("membership", "to update"),
    "cancel_membership": ("membership", "to cancel"),
    "delete_membership": ("membership", "to delete"),
    "delete_tier": ("tier", "to delete"),
    "delete_program": ("program", "to delete"),
}
_TONES: Mapping[str, Literal["add", "change", "take"]] = {
    "add": "add",
    "update": "change",
    "cancel": "take",
    "delete": "take",
}
_HARMS = {
    Harm.REMOVAL: "removal",
    Harm.DOWNGRADE: "downgrade",
    Harm.CLEARED_TIER: "cleared tier",
    Harm.CHANGED_NUMBER: "changed number",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts and up to five examples by kind of change; harm by kind.

    ``removals`` and ``changes`` are what the harm guard judges: a change counts at most once in each, one
    that removes and also downgrades in both. Of those, ``removals_again`` and ``changes_again`` are about memberships
    that count in the last 24 hours already; ``removals_refused`` and ``changes_refused`` are what Mews refused when it
    was tried last, which the guard leaves out. ``plan_id`` is empty when there is nothing to confirm; ``waiting`` are
    lower tiers that take effect after a stay. ``leaving`` counts, by tier id, the memberships that change to another
    tier or to none.
    """

    counts: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]
    harms: Mapping[Harm, int]
    removals: int
    changes: int
    suspended: int
    plan_id: str
    waiting: int = 0
    leaving: Mapping[str, int] = field(default_factory=dict)
    removals_again: int = 0
    changes_again: int = 0
    removals_refused: int = 0
    changes_refused: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether Mews agrees with the scheme, leaving aside what waits for a person."""
        return not self.counts


class Draft:
    """A plan in the making; memory does not grow with the number of changes.

    ``tiers`` are those of the scheme's program, the ones to be added included.
    """

    def __init__(self, tiers: Tiers) -> None:
        self._tiers = tiers
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}
        self._harms: Counter[Harm] = Counter()
        self._leaving: Counter[str] = Counter()
        self._removals = self._changes = self._suspended = self._waiting = 0
        self._removals_again = self._changes_again = 0
        self._removals_refused = self._changes_refused = 0
        self._plan_id = PlanId()

    def add(self, change: Change) -> None:
        """Take in one change of a membership."""
        self._count(change)
        if isinstance(change, Update) and "tier_id" in change.fields:
            self._leaving[str(change.before["tier_id"])] += 1
        if not change.harm:
            return
        self._harms.update(change.harm)
        self._removals += Harm.REMOVAL in change.harm
        self._changes += change.harm != {Harm.REMOVAL}
        for item in alignment.harmful(change, self._tiers):
            self._plan_id.add(*item)

    def add_programs(self, changes: Iterable[ProgramChange]) -> None:
        """Take in the changes of programs and tiers."""
        for change in changes:
            self._count(change)

    def repeat(self, removals: int, changes: int) -> None:
        """Take in how much of the harm is about memberships that count in the last 24 hours already."""
        self._removals_again += removals
        self._changes_again += changes

    def refuse(self, change: Change) -> None:
        """Take in that Mews refused the harm of a change when it was tried last."""
        self._removals_refused += Harm.REMOVAL in change.harm
        self._changes_refused += change.harm != {Harm.REMOVAL}

    def suspend(self, count: int = 1) -> None:
        """Take in members that wait for a person."""
        self._suspended += count

    def wait(self) -> None:
        """Take in a lower tier that waits for the end of a stay."""
        self._waiting += 1

    def plan(self) -> Plan:
        """Return the plan so far."""
        return Plan(
            counts=dict(self._counts),
            examples={kind: tuple(subjects) for kind, subjects in self._examples.items()},
            harms=dict(self._harms),
            removals=self._removals,
            changes=self._changes,
            suspended=self._suspended,
            plan_id=str(self._plan_id),
            waiting=self._waiting,
            leaving=dict(self._leaving),
            removals_again=self._removals_again,
            changes_again=self._changes_again,
            removals_refused=self._removals_refused,
            changes_refused=self._changes_refused,
        )

    def _count(self, change: Change | ProgramChange) -> None:
        self._counts[change.kind] += 1
        examples = self._examples.setdefault(change.kind, [])
        if len(examples) < EXAMPLES:
            examples.append(change.subject)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence about a plan, and what it is about: something added, changed, taken away, or worth knowing."""

    text: str
    tone: Literal["add", "change", "take", "note"] = "note"


def lines(plan: Plan) -> list[Line]:
    """Return the plan in words, one line per kind of change; ids and codes of Mews only."""
    said = [Line(_kind_line(plan, kind), _TONES[kind.partition("_")[0]]) for kind in _KINDS if plan.counts.get(kind)]
    if not said:
        said = [Line("Nothing to change: Mews agrees with the scheme.")]
    if plan.harms:
        harms = ", ".join(_many(plan.harms[harm], _HARMS[harm]) for harm in Harm if plan.harms.get(harm))
        said.append(Line(f"Among them {harms}; plan {plan.plan_id}.", "take"))
    if plan.waiting:
        said.append(Line(f"{_many(plan.waiting, 'lower tier')} waiting for the guest to check out."))
    if plan.suspended:
        said.append(Line(f"{_many(plan.suspended, 'member')} waiting for a person (suspense)."))
    return said


def told(change: Change | ProgramChange, tiers: Tiers) -> dict[str, Any]:
    """Return one change as ``plan --json`` prints it: tiers by code, of membership numbers only the end."""
    record: dict[str, Any] = {"kind": change.kind, "subject": change.subject}
    if isinstance(change, Add):
        record["member_id"] = change.member_id
    record["fields"] = _told_fields(change.fields, tiers)
    if isinstance(change, Update | Cancel):
        record["before"] = _told_fields(change.before, tiers)
    return record | {"harm": sorted(map(str, change.harm))}


def _told_fields(fields: Mapping[str, Any], tiers: Tiers) -> dict[str, Any]:
    shown = dict(fields)
    if shown.get("number"):
        shown["number"] = mask(shown["number"])
    if "tier_id" in shown:
        tier_id = shown.pop("tier_id")
        shown["tier"] = tiers.code_of(tier_id) if tier_id else None
    return shown


def _kind_line(plan: Plan, kind: str) -> str:
    noun, verb = _KINDS[kind]
    count = plan.counts[kind]
    more = ", …" if count > EXAMPLES else ""
    return f"{_many(count, noun)} {verb}: {', '.join(plan.examples[kind])}{more}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
