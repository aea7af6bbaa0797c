"""The harm guard: how much may be taken from guests in a day before a person has to confirm it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_MODULUS = 1 << 256


class Harm(StrEnum):
    """What a change takes from a guest. Removals have a limit of their own, the others share one."""

    REMOVAL = "removal"  # an active membership is cancelled, declined or deleted
    DOWNGRADE = "downgrade"  # a tier below the present one, or below one whose rank is unknown
    CLEARED_TIER = "cleared_tier"
    CHANGED_NUMBER = "changed_number"  # a number or provider id replaced or cleared


HARMLESS: frozenset[Harm] = frozenset()
REMOVAL_ONLY = frozenset({Harm.REMOVAL})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one rolling day; shares are of the managed memberships, 0.02 meaning 2 %."""

    max_removals: int
    max_removal_share: Decimal | float
    max_changes_share: Decimal | float

    def removals(self, managed: int) -> int:
        """Return how many removals pass without confirmation."""
        return min(self.max_removals, _part(self.max_removal_share, managed))

    def changes(self, managed: int) -> int:
        """Return how many downgrades, cleared tiers and changed numbers pass without confirmation."""
        return _part(self.max_changes_share, managed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a plan may be applied; ``which`` names the limits it breaks, ``sentence`` explains.

    ``confirmed`` is its id where that is so because a person confirmed it; ``spare_removals`` and ``spare_changes``
    are what the limits leave beside a plan that they allow.
    """

    allowed: bool
    which: tuple[str, ...] = ()
    sentence: str = ""
    confirmed: str = ""
    spare_removals: int = 0
    spare_changes: int = 0


def judge(
    *,
    removals_planned: int,
    changes_planned: int,
    removed_last_24h: int,
    changed_last_24h: int,
    managed: int,
    limits: Limits,
) -> Verdict:
    """Judge a plan together with what was done in the last 24 hours, leaving out what the plan does once more.

    A plan that takes nothing is always allowed: after a confirmed large removal, additions must go on.
    """
    most_removals, most_changes = limits.removals(managed), limits.changes(managed)
    what = "downgrades, cleared tiers and changed numbers"
    broken = {
        "removals": _broken("removals", removals_planned, removed_last_24h, most_removals),
        "changes": _broken(what, changes_planned, changed_last_24h, most_changes),
    }
    which = tuple(name for name, sentence in broken.items() if sentence)
    return Verdict(
        not which,
        which,
        " ".join(broken[name] for name in which),
        spare_removals=max(0, most_removals - removed_last_24h - removals_planned),
        spare_changes=max(0, most_changes - changed_last_24h - changes_planned),
    )


class PlanId:
    """The name of a plan's harmful changes, grown one by one, the same in whatever order they come."""

    __slots__ = ("_count", "_sum")

    def __init__(self) -> None:
        self._sum = 0
        self._count = 0

    def add(self, subject: str, harm: str, target: str) -> None:
        """Take in one harmful change: whom it concerns, what it takes, what is left afterwards."""
        digest = hashlib.sha256("\x1f".join((subject, harm, target)).encode()).digest()
        self._sum = (self._sum + int.from_bytes(digest)) % _MODULUS
        self._count += 1

    def __str__(self) -> str:
        """Return 12 hexadecimal digits, or nothing when there is nothing to confirm."""
        if not self._count:
            return ""
        return hashlib.sha256(f"{self._count}:{self._sum}".encode()).hexdigest()[:12]


def plan_id(harmful: Iterable[tuple[str, str, str]]) -> str:
    """Return the id by which a person confirms exactly these harmful changes (subject, harm, target)."""
    grown = PlanId()
    for subject, harm, target in harmful:
        grown.add(subject, harm, target)
    return str(grown)


def _part(share: Decimal | float, managed: int) -> int:
    # Through the decimal text: 0.29 × 100 is 28.999… in binary, and a person who wrote 0.29 means 29.
    return max(1, int(Decimal(str(share)) * managed))


def _broken(what: str, planned: int, done: int, limit: int) -> str:
    if not planned or planned + done <= limit:
        return ""
    made = f"{done} made in the last 24 hours"
    return f"{planned} {what} planned and {made}, but at most {limit} pass unconfirmed."
