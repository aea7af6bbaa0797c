from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import State
from connector.ports import PartnerRequest
from connector.store import ledger, outbox
from connector.store.engine import Database
from connector.store.ledger import Step
from tests.integration.store.makers import DAY, FROZEN, HOUR, MINUTE, NOW, PARTNER, award, message


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def stand(connection: AsyncConnection, *messages: Message) -> None:
    """Write messages; those of one stay belong to one award."""
    for root in sorted({each.credit.reservation_id for each in messages}):
        await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
    await ledger.append(connection, messages, "test", NOW)


async def due(connection: AsyncConnection, now: datetime = NOW, limit: int = 10) -> list[str]:
    return roots(await outbox.due(connection, PARTNER, now, limit))


def roots(messages: Sequence[Message]) -> list[str]:
    return [each.credit.reservation_id for each in messages]


def of(number: str, root: str, **facts: object) -> Message:
    return message(root, number=number, **facts)


async def test_due_are_ready_messages_and_doubts_oldest_first(connection: AsyncConnection) -> None:
    others = [of(str(number), f"x{number}", state=state) for number, state in enumerate(State)]
    resting = [each for each in others if each.state not in {State.READY, State.IN_DOUBT}]
    await stand(
        connection,
        *resting,
        of("a", "second", due_at=NOW - MINUTE, state=State.IN_DOUBT),
        of("b", "first", due_at=NOW - HOUR),
        of("c", "third"),
        of("d", "later", due_at=NOW + MINUTE),
    )
    assert await due(connection) == ["first", "second", "third"]
    assert await due(connection, limit=2) == ["first", "second"]
    assert await outbox.due(connection, "air_miles", NOW, 10) == []


async def test_the_oldest_are_due_first_in_whichever_state_they_are(connection: AsyncConnection) -> None:
    states = [State.READY, State.IN_DOUBT] * 3
    old = [of(str(n), str(n), due_at=NOW - n * MINUTE, state=state) for n, state in enumerate(states)]
    await stand(connection, *old)
    assert await due(connection, limit=4) == ["5", "4", "3", "2"]


async def test_a_doubt_is_due_when_the_books_did_not_show_it_often_enough(connection: AsyncConnection) -> None:
    doubts = [of(str(n), f"doubt{n}", state=State.IN_DOUBT, absences=n) for n in range(4)]
    await stand(connection, *doubts, of("r", "ready"))
    found = await outbox.due(connection, PARTNER, NOW, 10, absences=2)
    assert sorted(roots(found)) == ["doubt2", "doubt3", "ready"]


async def test_one_message_per_member_takes_the_lane(connection: AsyncConnection) -> None:
    await stand(connection, of("a", "r1", due_at=NOW - MINUTE), of("a", "r2"), of("b", "r3"))
    found = await outbox.due(connection, PARTNER, NOW, 10)
    held = await outbox.take_lanes(connection, found, NOW)
    assert roots(held) == ["r1", "r3"]
    assert await outbox.take_lanes(connection, [], NOW) == []


async def test_a_message_behind_a_taken_lane_is_not_due_until_the_lane_is_left(connection: AsyncConnection) -> None:
    await stand(connection, of("a", "r1", due_at=NOW - MINUTE), of("a", "r2"))
    first, second = await outbox.due(connection, PARTNER, NOW, 10)
    await outbox.take_lanes(connection, [first], NOW)
    assert await due(connection) == ["r1"]
    assert await outbox.take_lanes(connection, [second], NOW) == []
    await outbox.leave_lanes(connection, [first.key])
    assert roots(await outbox.take_lanes(connection, [second], NOW)) == ["r2"]


async def test_a_doubt_keeps_its_lane(connection: AsyncConnection) -> None:
    doubt = of("a", "r1", state=State.IN_DOUBT)
    await stand(connection, doubt, of("a", "r2"))
    await outbox.take_lanes(connection, [doubt], NOW)
    assert await due(connection) == ["r1"]
    assert roots(await outbox.take_lanes(connection, [doubt], NOW)) == ["r1"]


async def test_the_same_number_at_another_partner_is_another_lane(connection: AsyncConnection) -> None:
    here, there = of("a", "r1"), replace(of("a", "r2"), partner="air_miles")
    await stand(connection, here, there)
    assert roots(await outbox.take_lanes(connection, [here, there], NOW)) == ["r1", "r2"]


async def test_of_processes_that_reach_for_one_lane_one_gets_it(processes: list[Database]) -> None:
    rivals = [of("a", f"r{number}") for number in range(len(processes))]
    async with processes[0].write() as connection:
        await stand(connection, *rivals)

    async def take(database: Database, each: Message) -> int:
        async with database.write() as connection:
            return len(await outbox.take_lanes(connection, [each], NOW))

    taken = await asyncio.gather(*(take(*pair) for pair in zip(processes, rivals, strict=True)))
    assert sum(taken) == 1


async def test_the_stored_bytes_of_a_message_come_back_unchanged(connection: AsyncConnection) -> None:
    await stand(connection, of("a", "r1"), of("b", "r2"))
    content = bytes(range(256))
    fields = {"path": "/events", "content": content, "headers": '{"Idempotency-Key":"k"}'}
    await ledger.move(connection, [Step(of("a", "r1"), State.IN_FLIGHT, "", fields)], "test", NOW)
    found = await outbox.requests_of(connection, [of("a", "r1").key, of("b", "r2").key])
    assert found == {of("a", "r1").key: PartnerRequest("/events", content, {"Idempotency-Key": "k"})}


async def test_a_flight_is_abandoned_when_its_lease_ends(connection: AsyncConnection) -> None:
    await stand(connection, of("a", "r1"), of("b", "r2"))
    fields = {"lease_until": NOW + MINUTE}
    await ledger.move(connection, [Step(of("a", "r1"), State.IN_FLIGHT, "", fields)], "test", NOW)
    assert await outbox.abandoned(connection, NOW, NOW + MINUTE) == []
    assert roots(await outbox.abandoned(connection, NOW + MINUTE, NOW + MINUTE)) == ["r1"]
    assert roots(await outbox.abandoned(connection, NOW, NOW + MINUTE / 2)) == ["r1"], "by a clock that was ahead"


async def send(connection: AsyncConnection, each: Message, at: datetime) -> None:
    await stand(connection, each)
    await ledger.move(connection, [Step(each, State.IN_FLIGHT, "", {"first_sent_at": at})], "test", NOW)


@pytest.mark.parametrize("after", [State.CREDITED, State.ACCEPTED, State.IN_DOUBT, State.SUSPENDED, State.IN_FLIGHT])
async def test_miles_sent_today_count_for_the_ceiling_whatever_became_of_them(
    connection: AsyncConnection, after: State
) -> None:
    await send(connection, of("a", "r1", miles=70), NOW)
    if after is not State.IN_FLIGHT:
        flying = replace(of("a", "r1", miles=70), state=State.IN_FLIGHT)
        await ledger.move(connection, [Step(flying, after)], "test", NOW)
    assert await outbox.sent_since(connection, PARTNER, NOW) == 70
    assert await outbox.sent_since(connection, "air_miles", NOW) == 0


async def test_refused_reversed_and_earlier_miles_do_not_count(connection: AsyncConnection) -> None:
    await send(connection, of("a", "refused"), NOW)
    flying = replace(of("a", "refused"), state=State.IN_FLIGHT)
    await ledger.move(connection, [Step(flying, State.REFUSED)], "test", NOW)
    await send(connection, message("reversed", Kind.REVERSAL), NOW)
    await send(connection, of("c", "yesterday"), NOW - DAY)
    await stand(connection, of("d", "unsent"))
    assert await outbox.sent_since(connection, PARTNER, NOW - HOUR) == 0


async def test_the_next_due_time_is_that_of_a_retry_or_of_a_lease(connection: AsyncConnection) -> None:
    assert await outbox.next_due(connection, [PARTNER]) is None
    await stand(connection, of("a", "r1", due_at=NOW + 2 * HOUR), of("b", "r2", state=State.HELD, due_at=NOW))
    assert await outbox.next_due(connection, [PARTNER]) == NOW + 2 * HOUR
    await stand(connection, of("c", "r3"))
    fields = {"lease_until": NOW + HOUR}
    await ledger.move(connection, [Step(of("c", "r3"), State.IN_FLIGHT, "", fields)], "test", NOW)
    assert await outbox.next_due(connection, [PARTNER]) == NOW + HOUR
    assert await outbox.next_due(connection, ["air_miles"]) is None
