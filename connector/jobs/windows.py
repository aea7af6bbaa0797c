"""How much time one window of a stream covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# "at most 3 months" by every calendar, from February too, where both ends are rounded outwards to whole seconds
LONGEST = timedelta(days=89) - timedelta(minutes=1)
SHORTEST = timedelta(minutes=1)
OVERLAP = timedelta(minutes=5)  # a record can become visible some seconds after its update time
_PATIENCE = 20  # windows that Mews takes before they grow again


@dataclass(slots=True)
class Span:
    """How far a window may go beyond what was read: half after Mews found one too heavy, twice after 20 it took."""

    longest: timedelta = LONGEST
    _taken: int = 0

    def too_heavy(self, covered: timedelta) -> bool:
        """Learn that so much time was too heavy; tell whether a shorter window is worth a try."""
        self.longest = max(SHORTEST, min(self.longest, covered) / 2)
        self._taken = 0
        return covered > SHORTEST

    def taken(self) -> None:
        """Learn that a window was taken."""
        self._taken += 1
        if self._taken >= _PATIENCE:
            self.longest = min(LONGEST, 2 * self.longest)
            self._taken = 0
