"""What was said to the partners and what they answered, as sums that finance can tie to their invoices.

Every line of a message's history takes its miles from one account and puts them on another, as in double entry. A
line counts on the day of the stay's departure; once that month is closed, on the day on which it happens, as an
adjustment. So what a closed month says never changes, and all months together are always what stands now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from connector.domain.awards import Kind
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State
from connector.domain.money import plus

_WITHDRAWN = frozenset({State.SUPERSEDED, State.VOID})
_REHEARSED = frozenset({State.SHADOW, State.TEST})


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
        return Figures(
            self.stays + other.stays,
            plus(self.net, other.net),
            plus(self.gross, other.gross),
            self.held + other.held,
            self.sent + other.sent,
            self.acknowledged + other.acknowledged,
            self.reversed + other.reversed,
            self.in_doubt + other.in_doubt,
            self.refused + other.refused,
            self.suspended + other.suspended,
            self.rehearsed + other.rehearsed,
        )

    def __neg__(self) -> Figures:
        """Return the same with the other sign."""
        return Figures(
            -self.stays,
            self.net.copy_negate(),  # unlike a minus sign it never rounds
            self.gross.copy_negate(),
            -self.held,
            -self.sent,
            -self.acknowledged,
            -self.reversed,
            -self.in_doubt,
            -self.refused,
            -self.suspended,
            -self.rehearsed,
        )

    def __sub__(self, other: Figures) -> Figures:
        """Return the differences, exact or ArithmeticError."""
        return self if other is NOTHING else self + -other

    def cost(self, price: Decimal | None) -> Decimal | None:
        """Return what the given miles cost at a price; None where it is not known."""
        return None if price is None else self.given * price


NOTHING = Figures()
_ONE_STAY = Figures(stays=1)


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


class Slot(NamedTuple):
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


def movements(file: File) -> Iterator[tuple[Entry, str, Figures]]:
    """Yield what each line of an award's history changes, with the currency of the amounts.

    A rehearsal says the whole of what it found, so it takes the place of the one before it.
    """
    sent: set[str] = set()
    stands: dict[str, Figures] = {}
    rehearsed: Said | None = None
    for entry in file.entries:
        said = file.messages[entry.message_key]
        _note(sent, said.key, entry.after)
        after = _standing(said, entry.after, sent=said.key in sent)
        change = after - stands.get(said.key, NOTHING)
        stands[said.key] = after
        if entry.seq == 1 and not file.grant:
            change += _ONE_STAY
        if entry.after in _REHEARSED and said.kind is Kind.CREDIT:
            if rehearsed is not None:
                yield entry, rehearsed.currency, -stands[rehearsed.key]
            rehearsed = said
        yield entry, said.currency, change


def _note(sent: set[str], key: str, after: str) -> None:
    """Keep which messages were sent; one that came back to ready provably never left."""
    if after in OPEN_LANE:
        sent.add(key)
    elif after in UNSENT:
        sent.discard(key)


def _standing(said: Said, state: str, *, sent: bool) -> Figures:
    """Return what a message counts for in a state."""
    if state in _WITHDRAWN:
        return NOTHING
    if state == State.REFUSED:
        return Figures(sent=said.miles, refused=said.miles)
    credit = _valued(said, state, said.miles if sent else 0)
    return credit if said.kind is Kind.CREDIT else _taken_back(credit)


def _valued(said: Said, state: str, sent: int) -> Figures:
    """Return what a credit counts for in a state in which it stands."""
    if state in _REHEARSED:
        return Figures(0, said.net, said.gross, rehearsed=said.miles)
    if state in UNSENT:
        return Figures(0, said.net, said.gross, held=said.miles)
    if state == State.SUSPENDED:
        return Figures(0, said.net, said.gross, sent=sent, suspended=said.miles)
    if state in GIVEN:
        return Figures(0, said.net, said.gross, sent=sent, acknowledged=said.miles)
    return Figures(0, said.net, said.gross, sent=sent, in_doubt=said.miles)


def _taken_back(credit: Figures) -> Figures:
    """Return what a reversal counts for where a credit would count for this."""
    return replace(
        credit,
        net=credit.net.copy_negate(),
        gross=credit.gross.copy_negate(),
        acknowledged=0,
        reversed=credit.acknowledged,
        rehearsed=-credit.rehearsed,
    )


def add(
    sums: dict[Slot, Figures], file: File, calendar: Calendar, period: Callable[[Entry, date], date | None]
) -> None:
    """Add what an award's history changes to sums; ``period`` tells where a line belongs (None: nowhere)."""
    for entry, currency, change in movements(file):
        day, adjustment = calendar.accounted(file.departure, entry)
        where = period(entry, day)
        if where is not None:
            place = Slot(where, file.partner, file.property_id, currency, adjustment)
            sums[place] = sums.get(place, NOTHING) + change
