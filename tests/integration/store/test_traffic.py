from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.store import daily, ledger, traffic
from connector.store.engine import Database
from connector.store.ledger import Step
from connector.store.traffic import Traffic
from tests.integration.store.makers import DAY, FROZEN, HOUR, NOW, PARTNER, award, message

MIDNIGHTS = [NOW - 2 * DAY, NOW - DAY, NOW]


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def stand(connection: AsyncConnection, *messages: Message) -> None:
    for root in sorted({each.credit.reservation_id for each in messages}):
        await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
    await ledger.append(connection, messages, "test", NOW)


async def sent(connection: AsyncConnection, each: Message, ago: float, after: State) -> None:
    """Let a message be sent so many days ago, and end so an hour later."""
    await stand(connection, each)
    at = NOW - ago * DAY
    flight = Step(each, State.IN_FLIGHT, fields={"first_sent_at": at, "last_sent_at": at})
    await ledger.move(connection, [flight], "test", at)
    (flying,) = (await ledger.messages_of(connection, [each.award_id]))[each.award_id]
    await ledger.move(connection, [Step(flying, after, fields={"settled_at": at + HOUR})], "test", at + HOUR)


async def test_a_partner_s_last_success_and_failure_are_those_of_its_newest_messages(
    connection: AsyncConnection,
) -> None:
    await sent(connection, message("a"), 3, State.CREDITED)
    await sent(connection, message("b"), 1, State.CREDITED)
    await sent(connection, message("c"), 2, State.REFUSED)
    assert await traffic.traffic(connection, PARTNER, "", NOW - 7 * DAY) == Traffic(NOW - DAY + HOUR, NOW - 2 * DAY)
    assert await traffic.traffic(connection, PARTNER, "", NOW) == Traffic(None, None)
    assert await traffic.traffic(connection, PARTNER, "east", NOW - 7 * DAY) == Traffic(None, None)


async def test_the_miles_of_a_day_are_those_first_sent_on_it_and_taken(connection: AsyncConnection) -> None:
    await sent(connection, message("a", miles=100), 1.5, State.CREDITED)
    await sent(connection, message("b", miles=40), 1.25, State.ACCEPTED)
    await sent(connection, message("c", miles=7), 0.5, State.CREDITED)
    await sent(connection, message("d", Kind.REVERSAL, miles=10), 0.5, State.CREDITED)
    await sent(connection, message("e", miles=1000), 0.5, State.REFUSED)
    await sent(connection, message("f", miles=1000), 2.5, State.CREDITED)
    assert await daily.miles(connection, MIDNIGHTS) == {PARTNER: [140, -3]}
