"""What was said to the partners and what they answered, as sums that finance can tie to their invoices.

Every line of a message's history takes its miles from one account and puts them on another, as in double entry. A
line counts on the day of the stay's departure; once that month is closed, on the day on which it happens, as an
adjustment. So what a closed month says never changes, and all months together are always what stands now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State
from connector.domain.money import exact

_WITHDRAWN = frozenset({State.SUPERSEDED, State.VOID})
_REHEARSED = frozenset({State.SHADOW, State.TEST})
By = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Stays and grants that were awarded, their eligible amounts, and miles by what became of them.

    ``net`` and ``gross`` belong to everything that stands: credits less reversals, without what was refused,
    superseded or voided. ``held`` miles (of credits and reversals alike) are not sent yet; ``sent`` ones were. Of
    those, ``acknowledged`` are credits that the partner took, ``reversed`` reversals that it took, ``refused`` both
    kinds, ``in_doubt`` without an answer yet. ``suspended`` ones wait for a person, sent or not. ``rehearsed`` is what
    shadow or test mode would have given.
    """

    stays: int = 0
    net: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    held: int = 0
    sent: int = 0
    acknowledged: int = 0
    reversed: int = 0
    in_doubt: int = 0
    refused: int = 0
    suspended: int = 0
    rehearsed: int = 0

    @property
    def given(self) -> int:
        """What the partner bills: acknowledged less reversed."""
        return self.acknowledged - self.reversed

    @property
    def difference(self) -> int:
        """Miles that were sent and to which no answer is known."""
        return self.sent - self.acknowledged - self.reversed - self.refused

    def __add__(self, other: Figures) -> Figures:
        """Return the sums, exact or ArithmeticError."""
        with exact():
            return Figures(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    def __sub__(self, other: Figures) -> Figures:
        """Return the differences, exact or ArithmeticError."""
        with exact():
            return Figures(*(getattr(self, name) - getattr(other, name) for name in NAMES))

    def cost(self, price: Decimal | None) -> Decimal | None:
        """Return what the given miles cost at a price; None where it is not known."""
        return None if price is None else self.given * price


NAMES = tuple(each.name for each in fields(Figures))
NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Said:
    """A message of an award as figures need it."""

    key: str
    kind: Kind
    miles: int
    currency: str
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an award's history; ``month`` is the closed month that it was counted in (its first day), if any."""

    seq: int
    at: datetime
    message_key: str
    before: str
    after: str
    month: date | None


@dataclass(frozen=True, slots=True)
class File:
    """An award with its messages and its whole history in order."""

    award_id: str
    partner: str
    property_id: str
    departure: date
    grant: bool
    messages: Mapping[str, Said]
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where figures belong: a day or month (its first day) of a partner and property, in one currency.

    ``adjustment``: they are about stays of months that were closed before.
    """

    period: date
    partner: str
    property_id: str
    currency: str
    adjustment: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days by the chain's clock; ``open_from`` is the first day that no closed month holds."""

    zone: tzinfo
    open_from: date = date.min

    def day(self, moment: datetime) -> date:
        """Return the chain's day of a moment."""
        return moment.astimezone(self.zone).date()

    def accounted(self, departure: date, entry: Entry) -> tuple[date, bool]:
        """Return the day on which a line of history counts, and whether it is an adjustment."""
        start = self.open_from if entry.month is None else entry.month
        if departure >= start:
            return departure, False
        return max(self.day(entry.at), start), True


def movements(file: File) -> Iterator[tuple[Entry, Slot, Figures]]:
    """Yield what each line of an award's history changes; the slots have no period yet.

    A rehearsal says the whole of what it found, so it takes the place of the one before it.
    """
    sent: set[str] = set()
    rehearsed: Said | None = None
    for entry in file.entries:
        said = file.messages[entry.message_key]
        before = _standing(said, entry.before, sent=said.key in sent)
        _note(sent, said.key, entry.after)
        change = _standing(said, entry.after, sent=said.key in sent) - before
        if entry.seq == 1 and not file.grant:
            change += Figures(stays=1)
        if entry.after in _REHEARSED and said.kind is Kind.CREDIT:
            if rehearsed is not None:
                place = Slot(date.min, file.partner, file.property_id, rehearsed.currency)
                yield entry, place, NOTHING - _standing(rehearsed, State.SHADOW, sent=False)
            rehearsed = said
        yield entry, Slot(date.min, file.partner, file.property_id, said.currency), change


def _note(sent: set[str], key: str, after: str) -> None:
    """Keep which messages were sent; one that came back to ready provably never left."""
    if after in OPEN_LANE:
        sent.add(key)
    elif after in UNSENT:
        sent.discard(key)


def _standing(said: Said, state: str, *, sent: bool) -> Figures:
    """Return what a message counts for in a state ("" before it was made)."""
    if not state or state in _WITHDRAWN:
        return NOTHING
    if state == State.REFUSED:
        return Figures(sent=said.miles, refused=said.miles)
    sign = 1 if said.kind is Kind.CREDIT else -1
    value = Figures(net=sign * said.net, gross=sign * said.gross)
    if state in _REHEARSED:
        return replace(value, rehearsed=sign * said.miles)
    if state in UNSENT:
        return replace(value, held=said.miles)
    return _gone(said, state, replace(value, sent=said.miles) if sent else value)


def _gone(said: Said, state: str, value: Figures) -> Figures:
    """Return what a message counts for that was sent, or that waits for a person."""
    if state == State.SUSPENDED:
        return replace(value, suspended=said.miles)
    if state not in GIVEN:
        return replace(value, in_doubt=said.miles)
    taken, back = (said.miles, 0) if said.kind is Kind.CREDIT else (0, said.miles)
    return replace(value, acknowledged=taken, reversed=back)


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return month_of(month + timedelta(days=31))


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month_after(month) - timedelta(days=1)
