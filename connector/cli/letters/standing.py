"""Where the credits and reversals of a stay stand, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from connector.cli.letters.language import Forms, Language
from connector.domain.awards import Kind
from connector.domain.ledger import State
from connector.store.account import Account, Line

#: The phrase for a credit in each state; one that another took the place of is not told.
CREDIT: Mapping[str, str] = {
    State.HELD: "on_its_way",
    State.READY: "on_its_way",
    State.IN_FLIGHT: "on_its_way",
    State.IN_DOUBT: "on_its_way",
    State.ACCEPTED: "accepted",
    State.CREDITED: "credited",
    State.REFUSED: "held_up",
    State.SUSPENDED: "held_up",
    State.SUPERSEDED: "",
    State.VOID: "withdrawn",
    State.SHADOW: "rehearsed",
    State.TEST: "rehearsed",
}
_DONE = frozenset({State.ACCEPTED, State.CREDITED})
_NEVER_SENT = frozenset({State.SUPERSEDED, State.VOID, State.SHADOW, State.TEST})


def lines(
    awards: Sequence[Account], program: str, local: Callable[[datetime], date], language: Language, unit: Forms
) -> Iterator[str]:
    """Yield what became of each message, ``local`` dates being the property's."""
    for award in awards:
        for line in award.messages:
            if phrase := _phrase(line):
                moved = [step.at for step in award.history if step.message_key == line.key]
                day = local(max(moved, default=line.due_at))
                miles = language.counted(Fraction(line.miles), unit)
                yield language.say(phrase, program=program, miles=miles, day=language.day(day))


def _phrase(line: Line) -> str:
    if line.kind == Kind.CREDIT:
        return CREDIT[line.state]
    if line.state in _NEVER_SENT:
        return ""
    return "taken_back" if line.state in _DONE else "to_be_taken_back"
