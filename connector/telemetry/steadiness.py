"""Whether the machine's clock was set: by hand, by a time server, or because a virtual machine was asleep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from connector.ports import Clock


class Steadiness:
    """Compares a clock with ``steady`` seconds that nobody sets; what both agree on within ``tolerance`` is no step."""

    def __init__(self, clock: Clock, steady: Callable[[], float], tolerance: timedelta) -> None:
        self._clock = clock
        self._steady = steady
        self._tolerance = tolerance
        self._lead = self._look()

    def found(self) -> timedelta:
        """Return by how much the clock was set since the last step, forward or back; zero when it was not."""
        lead = self._look()
        if lead is None:
            return timedelta(0)
        if self._lead is None:
            self._lead = lead
        step = lead - self._lead
        return step if abs(step) > self._tolerance else timedelta(0)

    def step(self) -> timedelta:
        """Return what ``found`` does, and compare with the clock as it is now from here on."""
        if step := self.found():
            self._lead = (self._lead or timedelta(0)) + step
        return step

    def _look(self) -> timedelta | None:
        """Return how far the clock is ahead; None when this process stood still between the two looks."""
        before = self._steady()
        moment = self._clock.now()
        after = self._steady()
        if timedelta(seconds=after - before) > self._tolerance / 2:
            return None
        return timedelta(seconds=moment.timestamp() - before)
