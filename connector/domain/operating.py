"""What a person may do to a message by hand, and why not.

Whatever was sent is never withdrawn or written anew: the partner may have it. What it did with it, only a person can
find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connector.domain.awards import Kind, Message
from connector.domain.ledger import GIVEN, UNSENT, State


class Deed(StrEnum):
    """What a person does."""

    RETRY = "retry"  # send again what was not taken, and certainly not done
    RESEND = "resend"  # send again what the partner says that it has not
    RELEASE = "release"  # let go of what waits for a person
    VOID = "void"  # withdraw what was never sent
    CREDITED = "credited"  # the partner says that it was done
    NOT_CREDITED = "not_credited"  # the partner says that it was not, and it is not sent again


BY_PARTNERS_WORD = frozenset({Deed.RESEND, Deed.CREDITED, Deed.NOT_CREDITED})
WANTS_REASON = BY_PARTNERS_WORD | {Deed.VOID}
_REHEARSED = frozenset({State.SHADOW, State.TEST})
_UNANSWERED = frozenset({State.ACCEPTED, State.IN_DOUBT})  # as long as the partner's books do not tell


class NotThis(Exception):
    """The deed does not fit this message: the rest of a sentence that begins with the message."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A message and what stands around it.

    ``waited_for`` is the state of the message that it waits for. ``newest``: no later credit of its award was made.
    ``earning``: its stay earns by its last decision; a grant always does. ``unsure``: a lost database may have said
    something else about its award.
    """

    message: Message
    waited_for: State | None = None
    newest: bool = True
    earning: bool = True
    unsure: bool = False

    @property
    def was_sent(self) -> bool:
        """Tell whether the partner may have seen it."""
        return self.message.last_sent_at is not None


def outcome(deed: Deed, case: Situation) -> State:
    """Return the state that a deed brings a message to; a refused one is READY as a new revision with a new key.

    Raises NotThis where the deed does not fit.
    """
    state = case.message.state
    if deed is Deed.VOID:
        return _void(case)
    if deed is Deed.RELEASE and state is State.HELD:
        return _follow(case)
    if deed in {Deed.RETRY, Deed.RESEND} and state is State.REFUSED:
        return _anew(case, deed)
    if state in _UNANSWERED and deed in {Deed.CREDITED, Deed.NOT_CREDITED}:
        return _as_told(deed, case)
    if state is not State.SUSPENDED:
        raise NotThis(f"it is {state}, {_expected(deed)}")
    if deed in BY_PARTNERS_WORD:
        return _as_told(deed, case)
    if case.was_sent:
        raise NotThis(
            "it was sent and the partner may have it; ask there, then `ledger release --credited`, or "
            "`ledger retry --not-credited` to send it again"
        )
    return _let_go(case)


def _void(case: Situation) -> State:
    state = case.message.state
    if state not in UNSENT | {State.SUSPENDED}:
        raise NotThis(f"it is {state}, expected one that was never sent")
    if case.was_sent:
        raise NotThis("it was sent, and what was sent is never withdrawn; expected one that was never sent")
    return State.VOID


def _follow(case: Situation) -> State:
    """Let go of what is held: where an accepted reversal is all that will ever be known, that is done by itself."""
    if case.waited_for is State.ACCEPTED:
        raise NotThis(_both(State.ACCEPTED))
    return _let_go(case)


def _let_go(case: Situation) -> State:
    if case.waited_for is not None and case.waited_for not in GIVEN | _REHEARSED:
        raise NotThis(_both(case.waited_for))
    return State.READY


def _both(waited_for: State) -> str:
    return f"it waits for a reversal that is {waited_for}: until that is done, both credits would stand"


def _anew(case: Situation, deed: Deed) -> State:
    if case.unsure and deed is Deed.RETRY:
        raise NotThis(
            "it may have been said anew before this database was restored from a copy; compare with the partner, then "
            "`ledger retry --not-credited`"
        )
    if case.message.kind is Kind.REVERSAL:
        raise NotThis("it is a refused reversal; agree with the partner on the miles that it keeps")
    if not case.newest:
        raise NotThis("a later revision took its place")
    if not case.earning:
        raise NotThis("its stay earns nothing by now")
    return State.READY


def _as_told(deed: Deed, case: Situation) -> State:
    if deed is Deed.CREDITED:
        return State.CREDITED
    if not case.was_sent:
        raise NotThis("it was never sent; expected it without --not-credited")
    return _let_go(case) if deed is Deed.RESEND else State.REFUSED


def _expected(deed: Deed) -> str:
    also = {
        Deed.RETRY: " or refused",
        Deed.RELEASE: " or held",
        Deed.CREDITED: ", accepted or in doubt",
        Deed.NOT_CREDITED: ", accepted or in doubt",
    }
    return f"expected one that is suspended{also.get(deed, '')}"
