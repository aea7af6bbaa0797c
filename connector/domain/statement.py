"""A partner's or predecessor's statement beside the ledger: which line is which message, and what does not agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from connector.domain.ledger import GIVEN, State
from connector.domain.numbers import mask

_MASKED = re.compile(r"(?P<first>\d*)[*xX•#.…]+(?P<last>\d{3,})", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}", re.ASCII)
_COUNTS = GIVEN | {State.SHADOW, State.TEST}


class Difference(StrEnum):
    """How file and ledger differ."""

    ONLY_OURS = "only_ours"
    ONLY_THEIRS = "only_theirs"
    OTHER_MILES = "other_miles"
    OTHER_STATE = "other_state"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Stated:
    """A line of a statement; miles that were taken back are negative. ``number`` may be masked by the partner."""

    line: int
    miles: int
    reference: str = ""
    stay: str = ""
    number: str = field(default="", repr=False)
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A message of ours; ``miles`` of a reversal are negative. ``answered`` is the day of its last answer, if any.

    ``reference`` is the partner's, ``stay`` the hotel's confirmation number.
    """

    key: str
    state: State
    miles: int
    number: str = field(repr=False)
    reference: str
    stay: str
    departure: date
    answered: date | None = None

    @property
    def counts(self) -> bool:
        """Tell whether the partner gave it, or would have in a rehearsal."""
        return self.state in _COUNTS

    @property
    def day(self) -> date:
        """Return the day on which a statement has it: that of the answer; of a rehearsal, the departure."""
        return self.answered if self.answered and self.state in GIVEN else self.departure

    def is_near(self, day: date) -> bool:
        """Tell whether a statement may mean this message by a day: departure, or the answer in any time zone."""
        return day == self.departure or (self.answered is not None and abs((day - self.answered).days) <= 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, told without a full number; ``miles`` are ours, ``other_miles`` those of the file."""

    kind: Difference
    text: str
    reference: str = ""
    line: int | None = None
    stay: str = ""
    member: str = ""
    miles: int | None = None
    other_miles: int | None = None


def best(stated: Stated, candidates: Iterable[Booked], *, exact: bool) -> Booked | None:
    """Return which of the messages that fit a line it most probably is; ``exact``: its miles must agree."""
    fitting = [each for each in candidates if not exact or each.miles == stated.miles]

    def order(each: Booked) -> tuple[bool, bool, int, str]:
        apart = 0 if stated.day is None else abs((stated.day - each.departure).days)
        return each.miles != stated.miles, not each.counts, apart, each.key

    return min(fitting, key=order, default=None)


def is_members(stated: Stated, booked: Booked) -> bool:
    """Tell whether a line is about a message's member, its miles and its day; the number may be masked."""
    near = stated.day is not None and booked.is_near(stated.day)
    return near and stated.miles == booked.miles and _same(stated.number, booked.number)


def is_masked(number: str) -> bool:
    """Tell whether only some digits of a number are shown."""
    return _MASKED.fullmatch(number) is not None


def _same(told: str, number: str) -> bool:
    if found := _MASKED.fullmatch(told):
        return number.startswith(found["first"]) and number.endswith(found["last"])
    return told == number


def of_pair(stated: Stated, booked: Booked) -> Finding | None:
    """Return how a line and the message that it is differ."""
    if not booked.counts:
        text = f"stay {booked.stay}: {stated.miles} miles are in the file, in the ledger it is {booked.state}"
        return _about(Difference.OTHER_STATE, text, booked, stated)
    if booked.miles != stated.miles:
        text = f"stay {booked.stay}: the file has {stated.miles} miles, the ledger {booked.miles}"
        return _about(Difference.OTHER_MILES, text, booked, stated)
    return None


def repeated(stated: Stated, booked: Booked) -> Finding:
    """Return that a message is in the file once more."""
    text = f"stay {booked.stay}: {stated.miles} miles are in the file more than once"
    return _about(Difference.REPEATED, text, booked, stated)


def only_ours(booked: Booked) -> Finding:
    """Return that a message is not in the file."""
    said = "given" if booked.state in GIVEN else "rehearsed"
    text = f"stay {booked.stay}, departed {booked.departure}: {booked.miles} miles were {said}, the file has none"
    return _about(Difference.ONLY_OURS, text, booked)


def only_theirs(stated: Stated) -> Finding:
    """Return that a line is no message of ours; of its words only what can be no name or number is told."""
    stay, reference = discreet(stated.stay), discreet(stated.reference)
    words = [f"stay {stay}"] * bool(stay) + [f"reference {reference}"] * bool(reference)
    member = _hidden(stated.number)
    words += [f"member {member}"] * bool(member) + [f"{stated.day}"] * bool(stated.day)
    text = f"{', '.join(words) or 'a line'}: {stated.miles} miles are in the file, the ledger has none"
    return Finding(Difference.ONLY_THEIRS, text, "", stated.line, stay, member, None, stated.miles)


def _about(kind: Difference, text: str, booked: Booked, stated: Stated | None = None) -> Finding:
    line, miles = (None, None) if stated is None else (stated.line, stated.miles)
    return Finding(kind, text, booked.key, line, booked.stay, mask(booked.number), booked.miles, miles)


def discreet(word: str) -> str:
    """Return a word of a foreign file as it may be shown: masked if it may be a number, nothing if it may be a name."""
    bare = re.sub(r"[ ._/-]", "", word)
    if bare.isdigit() and len(bare) > 8:
        return mask(bare)
    return word if _PLAIN.fullmatch(word) and any(each.isdigit() for each in word) else ""


def _hidden(number: str) -> str:
    return mask(number) if is_masked(number) or number.isdigit() else ""


def missing(booked: Iterable[Booked], matched: Collection[str], first: date, last: date) -> Iterable[Booked]:
    """Yield the messages that count, belong to the days of the file and are in none of its lines."""
    return (each for each in booked if each.counts and first <= each.day <= last and each.key not in matched)
