"""How often somebody may try to log in: few wrong tokens from one address, not too many from all together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

FREE = 5  # wrong tokens from one address before it has to wait
LONGEST = 60.0  # seconds that an address waits at most after a wrong token
WINDOW = 60.0  # seconds in which the wrong tokens of everybody are counted
CROWD = 60  # wrong tokens of everybody in one window before new addresses have to wait
_REMEMBERED = 10_000  # addresses


@dataclass(slots=True)
class _Record:
    failures: int
    last: float


class Throttle:
    """The memory of wrong tokens, by address. It is small and goes with the process.

    An address from which somebody has logged in is never held back for what others do.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._records: dict[str, _Record] = {}
        self._recent: deque[float] = deque(maxlen=CROWD)
        self._welcome: dict[str, None] = {}

    def wait(self, address: str) -> float:
        """Return for how many seconds no token from this address is looked at; 0: it is."""
        now = self._now()
        record = self._records.get(address)
        own = 0.0
        if record is not None and record.failures >= FREE:
            own = record.last + min(LONGEST, 2.0 ** (record.failures - FREE)) - now
        return max(0.0, own, 0.0 if address in self._welcome else self._crowd(now))

    def failed(self, address: str) -> None:
        """Note a wrong token."""
        now = self._now()
        record = self._records.pop(address, _Record(0, now))
        failures = record.failures + 1 if now - record.last < 60 * WINDOW else 1
        self._records[address] = _Record(failures, now)
        self._recent.append(now)
        _forget_oldest(self._records)

    def succeeded(self, address: str) -> None:
        """Note that somebody logged in. It forgives nothing: who has a token may be guessing another's."""
        self._welcome.pop(address, None)
        self._welcome[address] = None
        _forget_oldest(self._welcome)

    def _crowd(self, now: float) -> float:
        """Return the seconds until one more wrong token would not be too many."""
        return self._recent[0] + WINDOW - now if len(self._recent) == CROWD else 0.0


def _forget_oldest(memory: dict[str, Any]) -> None:
    if len(memory) > _REMEMBERED:
        del memory[next(iter(memory))]
