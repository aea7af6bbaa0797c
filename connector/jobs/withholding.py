"""Telling partners nothing of guests who do not share: what is not sent yet stays here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Kind, Message
from connector.domain.corrections import standing
from connector.domain.ledger import GIVEN, UNSENT, State
from connector.store import ledger, outbox, sharing, stays
from connector.store.ledger import Step

WHY = "the guest does not want partners to be told of stays"
_NEVER_LEFT = UNSENT | {State.SUPERSEDED, State.VOID}


async def withhold(
    connection: AsyncConnection, award: Award, messages: Sequence[Message], actor: str, now: datetime
) -> None:
    """Withdraw what an award has not said yet; what it said stays said.

    A correction whose reversal is out goes on to its end: the guest would lose the miles that were taken back.
    """
    if any(each.kind is Kind.REVERSAL and each.state not in _NEVER_LEFT for each in messages):
        return
    unsent = [each for each in messages if each.state in UNSENT]
    if unsent:
        await ledger.move(connection, [Step(each, State.SUPERSEDED, WHY) for each in unsent], actor, now)
        given = sum(each.miles for each in standing(messages) if each.state in GIVEN)
        await ledger.revise_award(connection, replace(award, miles=given), None)


async def unsilenced(
    connection: AsyncConnection, due: Sequence[Message], classes: frozenset[str], actor: str, now: datetime
) -> list[Message]:
    """Return the messages that may be sent; of guests who opted out since, those that say something new may not.

    Their stays are decided again, which settles what else belongs to them.
    """
    silent = await sharing.withheld_awards(connection, {each.award_id for each in due}, classes)
    held = [each for each in due if each.award_id in silent and _begins(each)]
    if held:
        await ledger.move(connection, [Step(each, State.SUPERSEDED, WHY) for each in held], actor, now)
        await outbox.leave_lanes(connection, [each.key for each in held])
        await stays.make_dirty(connection, [each.credit.reservation_id for each in held])
    return [each for each in due if each not in held]


def _begins(message: Message) -> bool:
    """Tell whether nothing of what a message says, or of the correction that it belongs to, has gone out."""
    fresh = message.state is State.READY and message.last_sent_at is None
    return fresh and (message.kind is Kind.REVERSAL or message.waits_for is None)
