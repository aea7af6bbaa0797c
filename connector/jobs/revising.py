"""What a decision asks of the messages of its award."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.awards import Award, Message
from connector.domain.corrections import Correction, correct, rests
from connector.domain.decision import Decision
from connector.domain.differences import further
from connector.domain.ruling import Status
from connector.jobs.contracts import Partnership


def correction_of(
    partnership: Partnership, award: Award, messages: Sequence[Message], decision: Decision
) -> Correction | None:
    """Return the steps that make an award's messages say what was decided; None where they stay as they are."""
    earned, terms = decision.award, partnership.contract
    excluded, live = decision.status is Status.EXCLUDED, partnership.mode == "live"
    if rests(messages, excluded=excluded, awarded=earned is not None, live=live):
        return None
    return correct(
        messages,
        earned.member_number if earned else award.member_number,
        earned.miles if earned else 0,
        reverses=partnership.channel.capabilities.reverses,
        correct_from=terms.correct_from,
        may_keep=lambda kept: bool(terms.correction == "difference" and earned and further(earned, kept)),
    )
