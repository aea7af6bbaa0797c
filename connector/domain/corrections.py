"""What to do about an award when its stay earns something else than what was said to the partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.awards import Kind, Message
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State


@dataclass(frozen=True, slots=True)
class Correction:
    """The steps from what was said to what should be.

    ``supersede``: keys of unsent messages that lose their place; ``reverse``: the credit to take back; ``credit``:
    the miles of a new credit (0: none), which waits for the reversal; ``wait``: nothing can be done yet;
    ``suspend``: a sentence for a person, because the channel cannot take miles back.
    """

    supersede: tuple[str, ...] = ()
    reverse: Message | None = None
    credit: int = 0
    wait: bool = False
    suspend: str = ""

    @property
    def is_nothing(self) -> bool:
        """Tell whether everything already is as it should be."""
        return self == Correction()


def correct(messages: Sequence[Message], number: str, miles: int, *, reverses: bool, correct_from: int) -> Correction:
    """Return the steps that make an award's messages say ``miles`` for ``number`` (0: nothing is earned).

    ``correct_from`` is the smallest difference in miles that is worth a correction at the partner.
    """
    if _is_withdrawn(messages, (number, miles)):
        return Correction()
    last = standing(messages)
    if last is None:
        return Correction(credit=miles)
    if any(message.state in OPEN_LANE or message.state is State.SUSPENDED for message in messages):
        return Correction(wait=_says(last) != (number, miles))
    if _says(last) == (number, miles):
        return Correction()
    if last.state not in GIVEN:  # unsent, or shadow or test: no miles moved; a reversal under way goes on
        return Correction(supersede=(last.key,) if last.state in UNSENT else (), credit=miles)
    return _at_the_partner(messages, last, number, miles, reverses, correct_from)


def _is_withdrawn(messages: Sequence[Message], wanted: tuple[str, int]) -> bool:
    """Tell whether the newest credit was voided by a person, or refused as it would be said again."""
    credited = [m for m in messages if m.kind is Kind.CREDIT and m.state is not State.SUPERSEDED]
    newest = max(credited, key=lambda m: m.revision, default=None)
    if newest is None:
        return False
    return newest.state is State.VOID or (newest.state is State.REFUSED and _says(newest) == wanted)


def standing(messages: Sequence[Message]) -> Message | None:
    """Return the credit that stands now: the newest that is neither withdrawn, refused nor reversed."""
    reversed_revisions = {m.revision for m in messages if m.kind is Kind.REVERSAL and m.state not in _FALLEN}
    credited = [m for m in messages if m.kind is Kind.CREDIT and m.state not in _FALLEN]
    alive = [m for m in credited if m.revision not in reversed_revisions]
    return max(alive, key=lambda m: m.revision, default=None)


_FALLEN = frozenset({State.SUPERSEDED, State.VOID, State.REFUSED})


def _says(message: Message) -> tuple[str, int]:
    return message.credit.member_number, message.miles


def _at_the_partner(
    messages: Sequence[Message], last: Message, number: str, miles: int, reverses: bool, correct_from: int
) -> Correction:
    said_number, said = _says(last)
    if number == said_number and abs(miles - said) < correct_from:
        return Correction()
    amounts = f"{said} miles were credited, the folio now earns {miles}"
    if not reverses:
        return Correction(
            suspend=f"{amounts}; this channel cannot take miles back, agree on the difference with the partner"
        )
    if any(m.kind is Kind.REVERSAL and m.revision == last.revision for m in messages):
        return Correction(suspend=f"{amounts}; the partner refused the reversal, agree on the difference with it")
    return Correction(reverse=last, credit=miles)


def was_sent(messages: Sequence[Message]) -> bool:
    """Tell whether anything of an award went out, whatever became of it."""
    return any(m.state not in UNSENT | {State.SUPERSEDED, State.VOID} for m in messages)


def open_reversal(messages: Sequence[Message]) -> str | None:
    """Return the reversal that a new credit waits for, so that two credits of a stay never stand side by side."""
    reversals = [m for m in messages if m.kind is Kind.REVERSAL and m.state is not State.REFUSED]
    return max(reversals, key=lambda m: m.revision).key if reversals else None
