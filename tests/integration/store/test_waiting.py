from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.store import ledger, suspense, waiting
from connector.store.engine import Database
from connector.store.suspense import Case
from connector.store.waiting import Awaited
from tests.integration.store.makers import FROZEN, NOW, PARTNER, award, message

WHY = "not_reversed"


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def stand(connection: AsyncConnection, *messages: Message) -> None:
    await ledger.open_awards(connection, [ledger.Opening(award("r1"), FROZEN, ["r1"])], NOW)
    await ledger.append(connection, messages, "test", NOW)


def reversal(revision: int = 1, state: State = State.IN_DOUBT) -> Message:
    return message("r1", Kind.REVERSAL, revision=revision, state=state, last_sent_at=NOW)


def credit(state: State = State.HELD, **facts: object) -> Message:
    return message("r1", revision=3, state=state, waits_for=reversal().key, **facts)


async def test_a_held_message_comes_with_what_it_waits_for(connection: AsyncConnection) -> None:
    await stand(connection, reversal(), credit(), message("r1", revision=4, state=State.HELD))
    assert await waiting.listing(connection, PARTNER, WHY) == [(credit(), [Awaited(State.IN_DOUBT, NOW)])]
    assert await waiting.listing(connection, "air_miles", WHY) == []
    assert await waiting.is_any(connection, PARTNER)
    assert not await waiting.is_any(connection, "air_miles")


@pytest.mark.parametrize("state", [State.READY, State.CREDITED, State.SUPERSEDED])
async def test_nothing_waits_where_nothing_is_held_for_another(connection: AsyncConnection, state: State) -> None:
    await stand(connection, reversal(), credit(state), message("r1", revision=4, state=State.HELD))
    assert not await waiting.is_any(connection, PARTNER)


async def test_every_accepted_reversal_of_its_award_is_waited_for(connection: AsyncConnection) -> None:
    done = [reversal(2, State.ACCEPTED), reversal(4, State.CREDITED), message("r1", revision=2, state=State.ACCEPTED)]
    await stand(connection, reversal(state=State.READY), *done, credit())
    ((_, awaited),) = await waiting.listing(connection, PARTNER, WHY)
    assert sorted(each.state for each in awaited) == ["accepted", "ready"]


async def test_an_accepted_one_that_is_named_is_waited_for_once(connection: AsyncConnection) -> None:
    await stand(connection, reversal(state=State.ACCEPTED), credit())
    ((_, awaited),) = await waiting.listing(connection, PARTNER, WHY)
    assert awaited == [Awaited(State.ACCEPTED, NOW)]


async def test_what_was_left_to_a_person_waits_as_long_as_its_case_is_open(connection: AsyncConnection) -> None:
    left = credit(State.SUSPENDED)
    await stand(connection, reversal(), left)
    assert await waiting.listing(connection, PARTNER, WHY) == []
    await suspense.open_cases(connection, [Case("message", left.key, WHY, "text", PARTNER)], NOW)
    assert [each for each, _ in await waiting.listing(connection, PARTNER, WHY)] == [left]
    assert await waiting.listing(connection, PARTNER, "outcome") == []
    await suspense.close_cases(connection, "message", [left.key], NOW)
    assert await waiting.listing(connection, PARTNER, WHY) == []


async def test_what_may_have_been_sent_is_the_persons(connection: AsyncConnection) -> None:
    left = replace(credit(State.SUSPENDED), last_sent_at=NOW)
    await stand(connection, reversal(), left)
    await suspense.open_cases(connection, [Case("message", left.key, WHY, "text", PARTNER)], NOW)
    assert await waiting.listing(connection, PARTNER, WHY) == []
