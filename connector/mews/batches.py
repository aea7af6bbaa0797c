"""Writing in batches: Mews takes up to 1000 items a call and refuses the call whole when one item is bad."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from connector.errors import Conflict, ConnectorError, Permanent
from connector.mews.answers import Failing, TooHeavy

LARGEST = 1000  # items that one write takes
_PATIENCE = 20  # writes that Mews takes before they grow again
# A malformed item or unknown id (400) and a business rule (403) are about an item, the rest about the call.
_ABOUT_AN_ITEM = (400, 403)
_OUTAGE = 3  # items that fail alone before any was taken: then it is not about them
_OUTAGE_BEGUN = 20  # items that fail alone in a row after some were taken: since then it is not about them
Failure = type[Failing] | type[Conflict]

T = TypeVar("T")
R = TypeVar("R")
Send = Callable[[Sequence[T]], Awaitable[Sequence[R]]]


@dataclass(slots=True)
class BatchSize:
    """How many items a write is given: half after Mews found one too heavy, twice after 20 that it took."""

    items: int = LARGEST
    _taken: int = 0

    def too_heavy(self, items: int) -> None:
        """Learn that a write of so many items was too heavy."""
        self.items = max(1, min(self.items, items) // 2)
        self._taken = 0

    def taken(self) -> None:
        """Learn that a write was taken."""
        self._taken += 1
        if self._taken >= _PATIENCE:
            self.items = min(LARGEST, 2 * self.items)
            self._taken = 0


@dataclass(slots=True)
class Settled(Generic[T, R]):
    """What became of a batch: the results of what was taken, and each refused item with Mews's words.

    ``failed`` are items at which Mews fails although it takes others; after HTTP 500 one may have had its effect.
    """

    done: list[R] = field(default_factory=list)
    refused: list[tuple[T, Permanent]] = field(default_factory=list)
    failed: list[tuple[T, ConnectorError]] = field(default_factory=list)


async def write(
    batch: Sequence[T], send: Send[T, R], size: BatchSize, isolate: tuple[Failure, ...] = ()
) -> Settled[T, R]:
    """Send a batch as ``bisect`` does, and remember whether it was too heavy: that one is not sent again here.

    Mews may have written what it found too heavy, so that only its listing tells what is left to write.
    """
    try:
        settled = await bisect(batch, send, isolate)
    except TooHeavy:
        size.too_heavy(len(batch))
        raise
    if batch:
        size.taken()
    return settled


async def bisect(batch: Sequence[T], send: Send[T, R], isolate: tuple[Failure, ...] = ()) -> Settled[T, R]:
    """Send a batch, and halve it where Mews refuses it until each bad item stands alone.

    The order is kept. A part that must be bad, because its sibling was taken, is halved without being sent,
    but an item counts as refused only after it was sent alone: one bad item among n costs at most
    1 + 2 log2(n) calls. Every failure that is not about an item passes through, and what was taken before it
    is known to ``send`` only.

    ``isolate`` are failures that may be about an item as well, where a repeat is harmless; they pass through when
    three items fail alone before any was taken, or twenty in a row since.
    """
    halving = _Halving(send, isolate)
    if batch:
        await halving.settle(batch, refused=False)
    return halving.settled


@dataclass(slots=True)
class _Halving(Generic[T, R]):
    """A batch on its way to being settled."""

    send: Send[T, R]
    isolate: tuple[Failure, ...]
    settled: Settled[T, R] = field(default_factory=Settled)
    _failed_in_a_row: int = 0

    async def settle(self, batch: Sequence[T], *, refused: bool) -> bool:
        """Settle a batch (``refused``: it is known to be refused whole) and tell whether all of it was taken."""
        if not refused or len(batch) == 1:
            refusal = await self._attempt(batch)
            if refusal is None:
                return True
            if len(batch) == 1:
                self._set_aside(batch[0], refusal)
                return False
        middle = len(batch) // 2
        left_taken = await self.settle(batch[:middle], refused=False)
        right_taken = await self.settle(batch[middle:], refused=left_taken)
        return left_taken and right_taken

    async def _attempt(self, batch: Sequence[T]) -> ConnectorError | None:
        try:
            self.settled.done.extend(await self.send(batch))
            self._failed_in_a_row = 0
        except Permanent as refusal:
            if refusal.status not in _ABOUT_AN_ITEM:
                raise
            return refusal
        except self.isolate as failure:
            return failure
        return None

    def _set_aside(self, item: T, refusal: ConnectorError) -> None:
        if isinstance(refusal, Permanent):
            self.settled.refused.append((item, refusal))
            return
        self.settled.failed.append((item, refusal))
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= (_OUTAGE_BEGUN if self.settled.done else _OUTAGE):
            raise refusal
