"""What is looked for in a partner's books, as the store tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.errors import Conflict
from connector.store import ledger, lookups, outbox
from connector.store.engine import Database
from connector.store.ledger import Step
from tests.integration.store.makers import FROZEN, HOUR, MINUTE, NOW, PARTNER, award, message

UNCONFIRMED = {State.IN_FLIGHT, State.IN_DOUBT, State.ACCEPTED, State.SUSPENDED}


async def stand(connection: AsyncConnection, *messages: Message) -> None:
    for each in messages:
        root = each.credit.reservation_id
        await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
    await ledger.append(connection, messages, "test", NOW)


def of(number: str, root: str, **facts: object) -> Message:
    return message(root, number=number, **facts)


def roots(messages: Sequence[Message]) -> list[str]:
    return sorted(each.credit.reservation_id for each in messages)


async def test_due_are_accepted_messages_and_doubts_that_were_not_looked_for_often_enough(database: Database) -> None:
    others = [of(str(n), f"x{n}", state=s) for n, s in enumerate(State) if s not in (State.ACCEPTED, State.IN_DOUBT)]
    doubts = [of(str(n), f"doubt{n}", state=State.IN_DOUBT, absences=n, due_at=NOW - MINUTE) for n in range(3)]
    accepted = of("a", "accepted", state=State.ACCEPTED, absences=7)
    later = of("a", "later", state=State.ACCEPTED, due_at=NOW + MINUTE)
    async with database.write() as connection:
        await stand(connection, *others, *doubts, accepted, later)
        assert roots(await lookups.due(connection, PARTNER, NOW, 10)) == ["accepted"]
        found = await lookups.due(connection, PARTNER, NOW, 10, doubts_below=2)
        assert [each.credit.reservation_id for each in found][-1] == "accepted", "oldest first"
        assert roots(found) == ["accepted", "doubt0", "doubt1"]
        assert len(await lookups.due(connection, PARTNER, NOW, 2, doubts_below=2)) == 2
        assert await lookups.due(connection, "air_miles", NOW, 10, doubts_below=2) == []


async def test_moved_are_a_members_messages_that_moved_miles_or_may_have(database: Database) -> None:
    all_ = [of("a", f"r-{state}", state=state) for state in State]
    sent = of("a", "sent", state=State.SUSPENDED, last_sent_at=NOW)
    async with database.write() as connection:
        await stand(connection, *all_, sent, of("b", "another", state=State.CREDITED))
        found = await lookups.moved(connection, PARTNER, {all_[0].lane})
        assert roots(found) == ["r-accepted", "r-credited", "r-in_doubt", "r-in_flight", "sent"]
        assert await lookups.moved(connection, "air_miles", {all_[0].lane}) == []
        assert await lookups.moved(connection, PARTNER, set()) == []


async def test_a_mark_is_kept_for_whoever_holds_the_flight(database: Database) -> None:
    first, second = of("a", "r1"), of("b", "r2")
    async with database.write() as connection:
        await stand(connection, first, second)
        await ledger.move(connection, [Step(first, State.IN_FLIGHT, "", {"owner": "we"})], "test", NOW)
        await lookups.keep_marks(connection, {first.key: "7"}, "we")
        await lookups.keep_marks(connection, {}, "we")
        (found,) = await lookups.moved(connection, PARTNER, {first.lane})
        assert found.mark == "7"
        with pytest.raises(Conflict, match="it is not sent"):
            await lookups.keep_marks(connection, {first.key: "8"}, "others")
        with pytest.raises(Conflict):
            await lookups.keep_marks(connection, {first.key: "8", second.key: "8"}, "we")


async def test_what_was_not_shown_is_looked_for_again_unless_it_has_moved_on(database: Database) -> None:
    doubt, accepted = of("a", "r1", state=State.IN_DOUBT), of("b", "r2", state=State.ACCEPTED)
    async with database.write() as connection:
        await stand(connection, doubt, accepted)
        stale = replace(accepted, state=State.IN_DOUBT)
        await lookups.look_again(connection, [(doubt, 1, NOW + HOUR), (stale, 5, NOW + HOUR)])
        await lookups.look_again(connection, [])
        found = await lookups.due(connection, PARTNER, NOW + HOUR, 10, doubts_below=2)
        assert [(each.credit.reservation_id, each.absences, each.due_at) for each in found] == [
            ("r2", 0, NOW),
            ("r1", 1, NOW + HOUR),
        ]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_lanes_are_freed_of_what_cannot_turn_up_any_more(database: Database) -> None:
    all_ = [of(str(state), f"r-{state}", state=state) for state in State]
    foreign = replace(of("z", "foreign", state=State.VOID), partner="air_miles")
    async with database.write() as connection:
        await stand(connection, *all_, foreign)
        await outbox.take_lanes(connection, [*all_, foreign], NOW)
        await lookups.leave_settled_lanes(connection, PARTNER)
        held = {row[0] for row in await connection.execute(text("SELECT message_key FROM lane"))}
        assert held == {each.key for each in all_ if each.state in UNCONFIRMED} | {foreign.key}
