"""To whom letters about a stay go, and what was decided for each: a person never reads of another's account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.domain.stays import NOBODY, OWNER
from connector.store.account import Account
from connector.store.decisions import Kept

#: Where a partner has no more to say than this, and another has, a letter leaves it out.
_ABSENT = frozenset({"no_membership", "no_location"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for one person at one partner, and the awards that the person has there."""

    partner: str
    status: str
    reason: str
    due: datetime | None
    explanation: Mapping[str, Any]
    awards: tuple[Account, ...]


def addressees(kept: Sequence[Kept], accounts: Sequence[Account]) -> dict[str, list[Verdict]]:
    """Return what each person is to be told, by seat."""
    found: dict[str, list[Verdict]] = {}
    for each in kept:
        for seat, told in _seats(each):
            awards = tuple(one for one in accounts if one.partner == each.partner and one.seat == seat)
            verdict = Verdict(
                each.partner, told["status"], told["reason"], each.due_at, told.get("explanation") or {}, awards
            )
            found.setdefault(seat, []).append(verdict)
    return {seat: _worth_telling(verdicts) for seat, verdicts in found.items()}


def _seats(kept: Kept) -> Iterator[tuple[str, Mapping[str, Any]]]:
    seats = kept.explanation.get("seats") or [
        {"seat": OWNER, "status": kept.status, "reason": kept.reason, "explanation": kept.explanation}
    ]
    for each in seats:
        yield OWNER if each["seat"] == NOBODY else each["seat"], each


def _worth_telling(verdicts: list[Verdict]) -> list[Verdict]:
    told = [each for each in verdicts if each.reason not in _ABSENT or each.awards]
    return sorted(told or verdicts, key=lambda each: each.status != "awarded")
