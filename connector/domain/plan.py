"""The plan in short: how many changes of each kind, a few examples, the harm in them, and the plan's id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.domain import alignment
from connector.domain.alignment import Change, Update
from connector.domain.harm import Harm, PlanId
from connector.domain.programs import ProgramChange
from connector.domain.tiers import Tiers

EXAMPLES = 5

_KINDS = {
    "add_program": ("program", "to add"),
    "update_program": ("program", "to update"),
    "add_tier": ("tier", "to add"),
    "update_tier": ("tier", "to update"),
    "add_membership": ("membership", "to add"),
    "update_membership": ("membership", "to update"),
    "cancel_membership": ("membership", "to cancel"),
    "delete_membership": ("membership", "to delete"),
    "delete_tier": ("tier", "to delete"),
    "delete_program": ("program", "to delete"),
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
    that removes and also downgrades in both. ``plan_id`` is empty when there is nothing to confirm. ``leaving``
    counts, by tier id, the memberships that change to another tier or to none.
    """

    counts: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]
    harms: Mapping[Harm, int]
    removals: int
    changes: int
    suspended: int
    plan_id: str
    leaving: Mapping[str, int] = field(default_factory=dict)

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
        self._removals = self._changes = self._suspended = 0
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

    def suspend(self, count: int = 1) -> None:
        """Take in members that wait for a person."""
        self._suspended += count

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
            leaving=dict(self._leaving),
        )

    def _count(self, change: Change | ProgramChange) -> None:
        self._counts[change.kind] += 1
        examples = self._examples.setdefault(change.kind, [])
        if len(examples) < EXAMPLES:
            examples.append(change.subject)


def lines(plan: Plan) -> list[str]:
    """Return the plan in words, one line per kind of change; ids and codes of Mews only."""
    said = [_kind_line(plan, kind) for kind in _KINDS if plan.counts.get(kind)]
    if not said:
        said = ["Nothing to change: Mews agrees with the scheme."]
    if plan.harms:
        harms = ", ".join(_many(plan.harms[harm], _HARMS[harm]) for harm in Harm if plan.harms.get(harm))
        said.append(f"Among them {harms}; plan {plan.plan_id}.")
    if plan.suspended:
        said.append(f"{_many(plan.suspended, 'member')} waiting for a person (suspense).")
    return said


def _kind_line(plan: Plan, kind: str) -> str:
    noun, verb = _KINDS[kind]
    count = plan.counts[kind]
    more = ", …" if count > EXAMPLES else ""
    return f"{_many(count, noun)} {verb}: {', '.join(plan.examples[kind])}{more}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
