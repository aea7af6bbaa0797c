"""Messages that fail again and again while others go through: they are left to a person, with their story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.jobs.contracts import Partnership
from connector.jobs.sending import Sent
from connector.ports import Outcome
from connector.store import outbox

_AT_LAST = 5  # times as many attempts, after which it is so whatever becomes of the others
_AGAIN = (Outcome.DOUBT, Outcome.RETRY)


async def isolated(
    connection: AsyncConnection, partnership: Partnership, sent: Sequence[Sent], now: datetime
) -> list[Sent]:
    """Return what came of messages, those that are tried no more as unresolvable."""
    others = any(each.tried and each.receipt.outcome not in _AGAIN for each in sent)
    found: list[Sent] = []
    for each in sent:
        if _is_worn(each, partnership) and (
            others or _is_the_last(each, partnership) or await _others_went(connection, each.message, now)
        ):
            receipt = replace(each.receipt, outcome=Outcome.UNRESOLVABLE, reason=_story(each))
            found.append(replace(each, receipt=receipt))
        else:
            found.append(each)
    return found


def _is_worn(sent: Sent, partnership: Partnership) -> bool:
    attempts = sent.message.attempts + 1
    return sent.tried and sent.receipt.outcome in _AGAIN and attempts >= partnership.pacing.max_attempts


def _is_the_last(sent: Sent, partnership: Partnership) -> bool:
    return sent.message.attempts + 1 >= _AT_LAST * partnership.pacing.max_attempts


async def _others_went(connection: AsyncConnection, message: Message, now: datetime) -> bool:
    """Tell whether the partner answered for another message since this one was tried before."""
    since = message.last_sent_at or now
    return await outbox.answered_since(connection, message.partner, since, message.key)


def _story(sent: Sent) -> str:
    attempts, last = sent.message.attempts + 1, sent.receipt.reason.rstrip(".")
    sure = sent.receipt.outcome is Outcome.RETRY and sent.message.last_sent_at is None
    what = "the request never left" if sure else "ask the partner whether the miles moved"
    return f"{attempts} attempts failed, the last one: {last}; {what}"
