"""How an award stands: whether it gives miles, and what the partner has of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.awards import Kind, Message
from connector.domain.ledger import GIVEN, OPEN_LANE, UNSENT, State


@dataclass(frozen=True, slots=True)
class Standing:
    """The award that a reservation is in: when it was made, whether it gives miles, and what the partner has.

    ``paid``: miles are there, or may be; ``returning``: they are being taken back.
    """

    since: datetime
    gives: bool
    paid: bool
    returning: bool

    @classmethod
    def of(cls, since: datetime, miles: int, messages: Sequence[Message], *, confirms: bool = False) -> Standing:
        """Return how an award stands that gives ``miles`` by now and said these messages.

        ``confirms``: the partner's books tell of a reversal that was accepted whether it was done.
        """
        open_ = UNSENT | OPEN_LANE | ({State.ACCEPTED} if confirms else set())
        given = sum(each.miles for each in messages if each.kind is Kind.CREDIT and _may_be_there(each))
        reversals = [each for each in messages if each.kind is Kind.REVERSAL]
        taken = sum(each.miles for each in reversals if each.state in GIVEN - open_)
        returning = any(each.state in open_ for each in reversals)
        return cls(since, miles > 0, given > taken, returning)

    @property
    def is_over(self) -> bool:
        """Tell whether the partner has nothing of the award, and nothing is on its way back."""
        return not self.paid and not self.returning


def _may_be_there(credit: Message) -> bool:
    if credit.state is State.SUSPENDED:
        return credit.last_sent_at is not None
    return credit.state in GIVEN | OPEN_LANE
