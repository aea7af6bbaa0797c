"""Harm that Mews refused, planned again: it stops no other change, and is tried as far as the limits have room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.domain.alignment import taken
from connector.domain.changes import Change
from connector.domain.harm import REMOVAL_ONLY, Harm


@dataclass(slots=True)
class Retries:
    """What Mews ``refused``, by membership, and how many removals and changes beside the plan pass unconfirmed.

    None of these was done so far. But Mews may take them all at once today, so they keep to the limits as well.
    """

    refused: Mapping[str, str] = field(default_factory=dict)
    removals: int = 0
    changes: int = 0

    def repeats(self, change: Change) -> bool:
        """Tell whether Mews refused this very harm when it was tried last."""
        return bool(change.harm) and self.refused.get(change.subject) == taken(change)

    def lets(self, change: Change) -> bool:
        """Tell whether a change may be written now, and use up the room that it needs."""
        if not self.repeats(change):
            return True
        removals, changes = int(Harm.REMOVAL in change.harm), int(change.harm != REMOVAL_ONLY)
        if removals > self.removals or changes > self.changes:
            return False
        self.removals -= removals
        self.changes -= changes
        return True
