"""The scheduler's pulse: the daemon beats, ``/livez`` feels it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

STALE = 60.0  # seconds; the scheduler ticks every few, so this old it does not work


class Pulse:
    """When the scheduler last ticked."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._last = now()

    def beat(self) -> None:
        """Note a tick."""
        self._last = self._now()

    @property
    def age(self) -> float:
        """Seconds since the last tick."""
        return self._now() - self._last
