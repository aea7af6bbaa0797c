"""Fields that others change in Mews although the scheme owns them: put back, reported, or not fought over.

The mirror notes each such change: from what, to what, how often. A field that differs from the scheme is somebody's
edit when it went from what the scheme says to what Mews shows; else the scheme itself changed, and is followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(days=7)  # without an edit for so long, a field's earlier ones are forgotten
PATIENCE = 3  # the edit of one field within the window that is not undone any more

Value = str | int | date | None

# Fields of a membership that may be disputed, with how people call them.
WORDS: Mapping[str, str] = {
    "number": "membership number",
    "tier_id": "tier",
    "points": "points balance",
    "expires_on": "expiry date",
    "state": "state",
    "url": "web address",
    "provider_id": "provider's id",
}


class Dispute(StrEnum):
    """Why a field is left as others made it."""

    REPORTED = "edited_in_mews"
    CONTESTED = "contested"

    def sentence(self, member_id: str, name: str) -> str:
        """Return what was found about a member's field, and what to do."""
        return _SENTENCES[self].format(member=member_id, field=WORDS[name], times=PATIENCE, days=WINDOW.days)


_SENTENCES = {
    Dispute.REPORTED: (
        "member {member}: the {field} was changed in Mews, and the scheme says otherwise; "
        "it is left as it is until one of the two is corrected."
    ),
    Dispute.CONTESTED: (
        "member {member}: the {field} was put back, and changed in Mews again, {times} times; somebody else writes it "
        "too. Find out who; it is left as it is, and tried again after {days} days without a change."
    ),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """The last change of one field by others: digests of both values, and how often it happened within the window."""

    before: bytes
    after: bytes
    times: int
    last_at: datetime


def digest(value: Value) -> bytes:
    """Return 16 bytes that stand for a value: it may be a number that is not to be kept twice."""
    return hashlib.sha256(f"{type(value).__name__}:{value}".encode()).digest()[:16]


def disputed(
    wanted: Mapping[str, Value],
    present: Mapping[str, Value],
    edits: Mapping[str, Edit],
    reported: frozenset[str],
    now: datetime,
) -> dict[str, Dispute]:
    """Return the fields that are to be left although they differ, with the reason; all by membership field name."""
    found: dict[str, Dispute] = {}
    for name, edit in edits.items():
        if name not in wanted or wanted[name] == present[name]:
            continue
        if (edit.before, edit.after) != (digest(wanted[name]), digest(present[name])):
            continue  # the scheme changed since
        if name in reported:
            found[name] = Dispute.REPORTED
        elif edit.times >= PATIENCE and now - edit.last_at < WINDOW:
            found[name] = Dispute.CONTESTED
    return found


def settled(wanted: Mapping[str, Value], edits: Mapping[str, Edit]) -> list[str]:
    """Return the edits that are none any more: the scheme says the same by now."""
    return [name for name, edit in edits.items() if name in wanted and edit.after == digest(wanted[name])]
