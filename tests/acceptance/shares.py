"""Faults of which each happens to exactly its share of the requests, so that nothing rests on the luck of a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from connector.sandbox.faults import Fault, FaultPlan


class SharedFaults(FaultPlan):
    """A plan in which one of every ``block`` requests of an operation meets each fault, at places drawn from a seed.

    ``seen`` counts the requests, ``fired`` how often each fault happened, by its place among the faults.
    """

    def __init__(self, operation: str, faults: Sequence[Fault], *, block: int, seed: int) -> None:
        super().__init__()
        self.operation = operation
        self.block = block
        self.seen = 0
        self.fired: Counter[int] = Counter()
        self._faults = faults
        self._places = [*range(len(faults)), *[None] * (block - len(faults))]
        self._ahead: list[int | None] = []
        self._random = random.Random(seed)

    def due(self, operation: str, method: str = "POST") -> list[Fault]:
        """Return the fault that this request meets, if it meets one."""
        if self.operation not in (operation, f"{method} {operation}"):
            return []
        if not self._ahead:
            self._ahead = self._random.sample(self._places, self.block)
        self.seen += 1
        place = self._ahead.pop()
        if place is None:
            return []
        self.fired[place] += 1
        return [self._faults[place]]
