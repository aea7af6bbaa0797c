"""A database restored from a copy: what the lost original may have said to partners, which nobody here knows.

The same stay decided again gets the same keys only if nothing about it changed meanwhile: a revision that was
superseded before it was sent, or refused, left another number behind. So a key does not protect what is decided again;
only what provably cannot have been said before is said without a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.awards import Kind, Message
from connector.domain.contract import Hold


@dataclass(frozen=True, slots=True)
class LostTime:
    """The time of which this database knows nothing ended at ``until``, when the copy was adopted.

    ``caught_up``: what changed in Mews until then has been read and decided.
    """

    until: datetime
    caught_up: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of an award: when it was made here, and when the first of its stays was over (None: unknown).

    ``editable`` is how long its property may still change a folio; ``unsure``: it may have moved in the lost time.
    """

    made_at: datetime
    left_at: datetime | None
    editable: timedelta
    unsure: bool


def may_have_been_said(message: Message, trace: Trace, hold: Hold, lost: LostTime) -> bool:
    """Tell whether the original may have said this message, or another in its place."""
    if trace.left_at is not None and trace.left_at + _least(hold, trace.editable) > lost.until:
        return False  # nobody could decide it before
    first = message.kind is Kind.CREDIT and message.revision == 1 and trace.made_at >= lost.until
    return first or trace.unsure or not lost.caught_up


def _least(hold: Hold, editable: timedelta) -> timedelta:
    """Return how long after check-out a stay waits at least."""
    return {"none": timedelta(0), "after": hold.wait, "settled": editable}[hold.kind]
