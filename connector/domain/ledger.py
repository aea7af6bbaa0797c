"""The states of a message and every transition that is allowed between them; there is no other table."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class State(StrEnum):
    """Where a message is on its way to the partner."""

    HELD = "held"  # waits until another message is done
    READY = "ready"  # may be sent
    IN_FLIGHT = "in_flight"  # being sent by the owner of its lease
    IN_DOUBT = "in_doubt"  # sent, outcome unknown; to be resolved, never assumed
    ACCEPTED = "accepted"  # the partner took it and confirms later
    CREDITED = "credited"  # the miles moved
    REFUSED = "refused"  # the partner will not take it; nothing moved
    SUSPENDED = "suspended"  # waits for a person
    SUPERSEDED = "superseded"  # a newer revision took its place before it was sent
    VOID = "void"  # a person withdrew it before it was sent
    SHADOW = "shadow"  # everything but the send (mode = "shadow")
    TEST = "test"  # sent with test credentials: no miles moved (mode = "test")


TRANSITIONS: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.READY, State.SUSPENDED, State.SUPERSEDED, State.VOID}),
    State.READY: frozenset({State.IN_FLIGHT, State.SHADOW, State.SUSPENDED, State.SUPERSEDED, State.VOID, State.HELD}),
    State.IN_FLIGHT: frozenset(
        {
            State.READY,
            State.IN_DOUBT,
            State.ACCEPTED,
            State.CREDITED,
            State.REFUSED,
            State.TEST,
            State.SUSPENDED,
        }
    ),
    State.IN_DOUBT: frozenset(
        {State.IN_FLIGHT, State.ACCEPTED, State.CREDITED, State.REFUSED, State.TEST, State.SUSPENDED}
    ),
    State.ACCEPTED: frozenset({State.CREDITED, State.REFUSED, State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.READY, State.SUPERSEDED, State.VOID, State.CREDITED, State.REFUSED}),
    State.CREDITED: frozenset(),
    State.REFUSED: frozenset(),
    State.SUPERSEDED: frozenset(),
    State.VOID: frozenset(),
    State.SHADOW: frozenset(),
    State.TEST: frozenset(),
}

FINAL = frozenset(state for state, after in TRANSITIONS.items() if not after)
UNSENT = frozenset({State.HELD, State.READY})  # may still be superseded
OPEN_LANE = frozenset({State.IN_FLIGHT, State.IN_DOUBT})  # keeps the member's lane
GIVEN = frozenset({State.CREDITED, State.ACCEPTED})  # counts as miles that the partner gave


class ForbiddenTransition(ValueError):
    """A transition that the table does not allow: a defect, never data."""


def check(before: State, after: State) -> None:
    """Raise ForbiddenTransition unless the table allows it."""
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"a message cannot go from {before} to {after}")


def detail_digest(salt: str, detail: str) -> str:
    """Return what stands for the detail of a history row in its hash, so that the detail can be blanked later.

    ``salt`` is random and blanked with the detail: then nobody can find the text by trying.
    """
    return hashlib.sha256(f"{salt}\x1f{detail}".encode()).hexdigest() if detail else ""


def chain_hash(previous: str, *parts: str) -> str:
    """Return the hash of a history row: it covers the row before it, so that no row can be changed or dropped.

    ``parts`` are award, number, moment, actor, message, state before, state after, and the digest of the detail.
    """
    return hashlib.sha256("\x1f".join((previous, *parts)).encode()).hexdigest()
