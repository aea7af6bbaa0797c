"""What jobs and the HTTP kit need of the process they run in: the time, a watcher, what all processes remember."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, so that tests can tell it."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""
        ...


class Progress(Protocol):
    """Somebody who watches long work."""

    def __call__(self, what: str, done: int, total: int | None = None) -> None:
        """Tell that so many more of something are done; ``total`` where it is known how many there will be."""
        ...


class SendLog(Protocol):
    """The durable memory of a sliding-window rate limiter, shared by every process that uses the same token.

    A limiter reserves sends in small blocks *before* it uses them, each stamped with the latest moment at
    which it may be used, so that a crash can only make it more careful. A stamp may lie in the future.
    """

    async def recent(self, key: str, since: datetime) -> list[datetime]:
        """Return the stamps of this key that are later than ``since``, oldest first, repeats included."""
        ...

    async def reserve(self, key: str, stamp: datetime, *, wanted: int, limit: int, since: datetime) -> int:
        """Reserve up to ``wanted`` sends, in one atomic and durable step; return how many were reserved.

        Forgets the stamps of the key that are not later than ``since``, counts the others, and appends
        ``stamp`` ``min(wanted, max(0, limit - count))`` times.
        """
        ...

    async def move(self, key: str, stamp: datetime, later: datetime) -> None:
        """Let one send with this stamp count from a later moment, as well as can be: nothing waits for it."""
        ...

    async def forget_after(self, key: str, moment: datetime) -> int:
        """Forget the stamps of the key that are later, written by a clock that was ahead; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class BreakerState:
    """State of one circuit: closed when ``opened_at`` is None."""

    failures: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    probe_owner: str | None = None


class BreakerStore(Protocol):
    """Durable circuit-breaker state, shared by every process."""

    async def read(self, key: str) -> BreakerState:
        """Return the state of a circuit; a circuit never seen is closed."""
        ...

    async def swap(self, key: str, old: BreakerState, new: BreakerState) -> bool:
        """Write ``new`` if the stored state still is ``old``; tell whether it was."""
        ...
