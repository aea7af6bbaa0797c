"""The request limit of an access token: a true sliding window, as the public reference words it."""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``requests`` in any ``seconds``; the published limit of today by default."""

    requests: int = 200
    seconds: float = 30.0

    @classmethod
    def parse(cls, text: str) -> Limit | None:
        """Read ``200/30s``, or ``off`` as None. Raises ValueError for anything else."""
        if text == "off":
            return None
        if not (found := re.fullmatch(r"([1-9]\d*)/([1-9]\d*)s", text)):
            raise ValueError(f"limit {text!r}: expected REQUESTS/SECONDSs such as 200/30s, or off")
        return cls(int(found[1]), float(found[2]))


class SlidingWindow:
    """The admitted requests of each token within the last window; refused ones are not counted."""

    def __init__(self, limit: Limit | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def now(self) -> float:
        """Return the moment by the clock that counts, in seconds."""
        return self._clock()

    def admit(self, token: str) -> int:
        """Count a request and return 0, or return the whole seconds to wait until one is admitted."""
        if self._limit is None:
            return 0
        now, admitted = self.now(), self._admitted[token]
        while admitted and admitted[0] <= now - self._limit.seconds:
            admitted.popleft()
        if len(admitted) >= self._limit.requests:
            return max(1, math.ceil(admitted[0] + self._limit.seconds - now))
        admitted.append(now)
        return 0
