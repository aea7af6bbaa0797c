"""What to do about an award when its stay earns something else than what was said to the partner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.awards import Kind, Message
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State
from connector.domain.numbers import mask

MayKeep = Callable[[Sequence[Message]], bool]
"""Tells whether credits may go on standing beside a further one that says the rest."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The steps from what was said to what should be.

    ``supersede``: keys of unsent messages that lose their place; ``reverse``: the credits to take back, oldest first;
    ``keeps``: those that go on standing; ``credit``: the miles of a new credit beside them (0: none), which waits for
    the reversals; ``wait``: nothing can be done yet; ``suspend``: a sentence for a person, because miles cannot be
    taken back.
    """

    supersede: tuple[str, ...] = ()
    reverse: tuple[Message, ...] = ()
    keeps: tuple[Message, ...] = ()
    credit: int = 0
    wait: bool = False
    suspend: str = ""

    @property
    def is_nothing(self) -> bool:
        """Tell whether everything already is as it should be."""
        return not (self.supersede or self.reverse or self.credit or self.wait or self.suspend)

    @property
    def miles(self) -> int:
        """Return what the award comes to once the steps are done."""
        return self.credit + _sum(self.keeps)


def _never(_kept: Sequence[Message]) -> bool:
    return False


def correct(
    messages: Sequence[Message],
    number: str,
    miles: int,
    *,
    reverses: bool,
    correct_from: int,
    may_keep: MayKeep = _never,
) -> Correction:
    """Return the steps that make an award's messages say ``miles`` for ``number`` (0: nothing is earned).

    ``correct_from`` is the smallest difference in miles that is worth a correction at the partner. Without
    ``may_keep`` every credit is taken back before the right one is given; with it the oldest ones that together are
    not too much stay where it allows that.
    """
    said, taken_back = standing(messages), {m.revision: m.state for m in messages if m.kind is Kind.REVERSAL}
    open_ = bool(said) and any(m.state in OPEN_LANE or m.state is State.SUSPENDED for m in messages)
    meant = [m for m in said if not open_ or m.revision not in taken_back]  # were a refused reversal done
    if _is_withdrawn(messages, number, miles) or _say(meant, number, miles):
        return Correction()
    if open_:
        return Correction(wait=True)
    unsent = tuple(m.key for m in said if m.state in UNSENT)  # a reversal under way goes on
    given = [m for m in said if m.state in GIVEN]
    if not given:  # no miles moved, be it a rehearsal
        return Correction(supersede=unsent, credit=miles)
    same = {m.credit.member_number for m in given} == {number}
    if same and abs(miles - _sum(given)) < correct_from:
        return Correction(supersede=unsent, keeps=tuple(given))
    kept = _kept(given, miles, may_keep) if same else []
    reverse = tuple(m for m in given if m not in kept)
    if fault := _fault(reverse, taken_back, reverses):
        return Correction(supersede=unsent, suspend=f"{_amounts(given, number, miles)}; {fault}")
    return Correction(unsent, reverse, tuple(kept), miles - _sum(kept))


def _fault(reverse: Sequence[Message], taken_back: Mapping[int, State], reverses: bool) -> str:
    if not reverses:
        return "this channel cannot take miles back, agree on the difference with the partner"
    before = {taken_back[m.revision] for m in reverse if m.revision in taken_back}
    if State.VOID in before:
        return "the reversal was withdrawn by hand, agree on the difference with the partner"
    if before:
        return "the partner refused the reversal, agree on the difference with it"
    return ""


def _is_withdrawn(messages: Sequence[Message], number: str, miles: int) -> bool:
    """Tell whether the newest credit was voided by a person, or refused as it would be said again."""
    credited = [m for m in messages if m.kind is Kind.CREDIT and m.state is not State.SUPERSEDED]
    newest = max(credited, key=_revision, default=None)
    if newest is None:
        return False
    refused = newest.state is State.REFUSED and newest.credit.member_number == number
    return newest.state is State.VOID or (refused and newest.miles + _sum(standing(messages)) == miles)


def standing(messages: Sequence[Message]) -> list[Message]:
    """Return the credits that stand now, oldest first: neither withdrawn, refused nor reversed.

    Of those that were only rehearsed, the newest credit alone counts: each says the whole of what it found.
    """
    reversed_revisions = {m.revision for m in messages if m.kind is Kind.REVERSAL and m.state not in _FALLEN}
    credited = sorted((m for m in messages if m.kind is Kind.CREDIT and m.state not in _FALLEN), key=_revision)
    alive = [m for m in credited if m.revision not in reversed_revisions]
    return [m for m in alive if m.state not in _REHEARSED or m is alive[-1]]


_FALLEN = frozenset({State.SUPERSEDED, State.VOID, State.REFUSED})
_REHEARSED = frozenset({State.SHADOW, State.TEST})


def _revision(message: Message) -> int:
    return message.revision


def _say(said: Sequence[Message], number: str, miles: int) -> bool:
    return _sum(said) == miles and all(m.credit.member_number == number for m in said)


def _sum(messages: Sequence[Message]) -> int:
    return sum(m.miles for m in messages)


def _kept(given: Sequence[Message], miles: int, may_keep: MayKeep) -> list[Message]:
    """Return the oldest credits that together are at most ``miles``, if they may be kept; else none."""
    kept: list[Message] = []
    for each in given:
        if _sum(kept) + each.miles > miles:
            break
        kept.append(each)
    return kept if kept and may_keep(kept) else []


def _amounts(given: Sequence[Message], number: str, miles: int) -> str:
    if all(m.credit.member_number == number for m in given):
        return f"{_sum(given)} miles were credited, the folio now earns {miles}"
    before = ", ".join(sorted({mask(m.credit.member_number) for m in given}))
    return f"{_sum(given)} miles were credited to {before}, the stay now earns {miles} for {mask(number)}"


def rests(messages: Sequence[Message], *, excluded: bool, awarded: bool, live: bool) -> bool:
    """Tell whether the messages stay as they are, whatever changed about the stay.

    What the partner holds stays until it is known what the stay earns. What was rehearsed is not paid because a
    folio changes after the go-live.
    """
    if not awarded and not excluded and was_sent(messages):
        return True
    last = max((m for m in messages if m.kind is Kind.CREDIT), key=_revision)
    return live and last.state in _REHEARSED


def was_sent(messages: Sequence[Message]) -> bool:
    """Tell whether anything of an award went out, whatever became of it."""
    return any(m.state not in UNSENT | {State.SUPERSEDED, State.VOID} for m in messages)


def last_reversal(messages: Sequence[Message]) -> str | None:
    """Return the reversal that a new credit waits for, so that credits never stand beside what they replace.

    Reversals wait for one another, so that the last one of them is done when all are. Their revisions are those of
    their credits and say nothing of that order: one under way comes after every one that is done.
    """
    reversals = [m for m in messages if m.kind is Kind.REVERSAL and m.state is not State.REFUSED]
    open_ = [m for m in reversals if m.state not in GIVEN | _REHEARSED | {State.VOID}] or reversals
    waited_for = {m.waits_for for m in open_}
    return max((m for m in open_ if m.key not in waited_for), key=_revision).key if open_ else None


def unsent_reversal(messages: Sequence[Message]) -> str | None:
    """Return the reversal that a further one waits for: the last one, as long as it was not sent."""
    last = last_reversal(messages)
    return last if any(m.key == last and m.state in UNSENT for m in messages) else None
