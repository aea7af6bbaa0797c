"""Holding back what one person decided until a second one releases it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.store import ledger
from connector.store.ledger import Step
from connector.store.resolutions import Signature

_WHY = "waits for a second person"


def is_withheld(message: Message) -> bool:
    """Tell whether a message waits for a person: one that waits for another message goes on by itself."""
    return message.state is State.HELD and message.waits_for is None


async def withhold(connection: AsyncConnection, award_id: str, above: int, signature: Signature) -> str:
    """Hold back the new credit of an award, if it is of more miles than ``above`` (0: never).

    Returns its key, "" where nothing is held back. ``ledger release`` lets it go.
    """
    messages = (await ledger.messages_of(connection, [award_id])).get(award_id, [])
    ready = [each for each in messages if each.kind is Kind.CREDIT and each.state is State.READY]
    if not above or not ready or ready[-1].miles <= above:
        return ""
    await ledger.move(connection, [Step(ready[-1], State.HELD, _WHY)], signature.by, signature.at)
    return ready[-1].key
