from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.decision import Frozen
from connector.domain.ledger import TRANSITIONS, ForbiddenTransition, State
from connector.errors import Conflict
from connector.store import account, ledger, stays
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.ledger import Step
from tests.integration.store.makers import FROZEN, HOUR, NOW, PARTNER, award, message, reservation


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def open_award(connection: AsyncConnection, root: str = "r1", *messages: Message) -> None:
    await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
    await ledger.append(connection, messages, "test", NOW)


async def only(connection: AsyncConnection, root: str = "r1") -> Message:
    found = await ledger.messages_of(connection, [award(root).id])
    (each,) = found[award(root).id]
    return each


async def test_an_award_comes_back_with_what_it_froze(connection: AsyncConnection) -> None:
    await ledger.open_awards(connection, [ledger.Opening(award(), FROZEN, ["r1", "r2"])], NOW)
    found = await ledger.awards_of(connection, PARTNER, ["r1", "r2", "r3"])
    assert found == {("r1", "owner"): (award(), FROZEN), ("r2", "owner"): (award(), FROZEN)}
    assert await ledger.awards_of(connection, "air_miles", ["r1"]) == {}


async def test_the_same_award_cannot_be_made_twice(connection: AsyncConnection) -> None:
    await open_award(connection)
    with pytest.raises(IntegrityError):
        await ledger.open_awards(connection, [ledger.Opening(award(), FROZEN, ["r9"])], NOW)


async def test_a_second_award_for_the_same_stay_partner_and_seat_is_refused(connection: AsyncConnection) -> None:
    await open_award(connection)
    with pytest.raises(IntegrityError):
        await ledger.open_awards(connection, [ledger.Opening(award(id="another recipe"), FROZEN, ["r9"])], NOW)


async def test_a_reservation_is_claimed_for_one_award_only(connection: AsyncConnection) -> None:
    await ledger.open_awards(connection, [ledger.Opening(award("r1"), FROZEN, ["r1", "r2"])], NOW)
    with pytest.raises(IntegrityError):
        await ledger.open_awards(connection, [ledger.Opening(award("r2"), FROZEN, ["r2"])], NOW)


async def test_another_seat_or_partner_may_claim_the_same_reservation(connection: AsyncConnection) -> None:
    await open_award(connection)
    await ledger.open_awards(connection, [ledger.Opening(award(id="b", seat="booker"), FROZEN, ["r1"])], NOW)
    await ledger.open_awards(connection, [ledger.Opening(award(id="c", partner="air_miles"), FROZEN, ["r1"])], NOW)
    assert set(await ledger.awards_of(connection, "air_miles", ["r1"])) == {("r1", "owner")}


async def test_a_revision_changes_miles_and_number_and_keeps_what_was_frozen(connection: AsyncConnection) -> None:
    await open_award(connection)
    revised = award(miles=80, revision=2, member_number="992009999999990", membership_id="m9")
    await ledger.revise_award(connection, revised, None)
    assert await ledger.awards_of(connection, PARTNER, ["r1"]) == {("r1", "owner"): (revised, FROZEN)}
    further = replace(FROZEN, rates={("CZK", "EUR"): Decimal("0.04"), ("USD", "EUR"): Decimal("0.9")})
    await ledger.revise_award(connection, revised, further)
    assert await ledger.awards_of(connection, PARTNER, ["r1"]) == {("r1", "owner"): (revised, further)}


async def test_what_froze_without_a_tier_comes_back_without_one(connection: AsyncConnection) -> None:
    bare = Frozen("fingerprint", {})
    await ledger.open_awards(connection, [ledger.Opening(award(), bare, ["r1"])], NOW)
    assert await ledger.awards_of(connection, PARTNER, ["r1"]) == {("r1", "owner"): (award(), bare)}


async def test_a_message_comes_back_as_it_was_written(connection: AsyncConnection) -> None:
    written = message(waits_for="a reversal", state=State.HELD, reason="why")
    await open_award(connection, "r1", written)
    assert await only(connection) == written


async def test_messages_of_an_award_come_oldest_revision_first(connection: AsyncConnection) -> None:
    written = [message(revision=2), message(kind=Kind.REVERSAL), message()]
    await open_award(connection, "r1", *written)
    found = await ledger.messages_of(connection, [award().id, "stranger"])
    assert [(each.revision, each.kind) for each in found[award().id]] == [
        (1, Kind.CREDIT),
        (1, Kind.REVERSAL),
        (2, Kind.CREDIT),
    ]
    assert set(found) == {award().id}


@pytest.mark.parametrize("twin", [message(), replace(message(), key="another recipe")])
async def test_the_same_revision_is_never_written_twice(connection: AsyncConnection, twin: Message) -> None:
    await open_award(connection, "r1", message())
    with pytest.raises(IntegrityError):
        await ledger.append(connection, [twin], "test", NOW)


@pytest.mark.parametrize("miles", [0, -1, 1_000_000])
async def test_miles_are_positive_and_below_a_million(connection: AsyncConnection, miles: int) -> None:
    with pytest.raises(IntegrityError):
        await open_award(connection, "r1", message(miles=miles))


@pytest.mark.parametrize("before", list(State))
async def test_exactly_the_transitions_of_the_table_are_made(connection: AsyncConnection, before: State) -> None:
    for number, after in enumerate(State):
        root = f"r{number}"
        start = message(root, state=before)
        await open_award(connection, root, start)
        if after in TRANSITIONS[before]:
            await ledger.move(connection, [Step(start, after, "because")], "test", NOW)
            assert (await only(connection, root)).state is after
        else:
            with pytest.raises(ForbiddenTransition):
                await ledger.move(connection, [Step(start, after)], "test", NOW)
            assert (await only(connection, root)).state is before


async def test_a_step_sets_the_fields_that_it_names(connection: AsyncConnection) -> None:
    await open_award(connection, "r1", message())
    fields = {"due_at": NOW + HOUR, "attempts": 3, "reason": "busy", "last_sent_at": NOW}
    await ledger.move(connection, [Step(message(), State.IN_FLIGHT, "", fields)], "test", NOW)
    assert await only(connection) == replace(message(), state=State.IN_FLIGHT, **fields)


async def test_a_step_from_a_state_that_is_no_more_is_a_conflict(connection: AsyncConnection) -> None:
    await open_award(connection, "r1", message())
    await ledger.move(connection, [Step(message(), State.IN_FLIGHT)], "one", NOW)
    with pytest.raises(Conflict):
        await ledger.move(connection, [Step(message(), State.IN_FLIGHT)], "two", NOW)
    assert (await only(connection)).state is State.IN_FLIGHT


async def test_of_several_steps_all_are_taken_or_none(database: Database) -> None:
    async with database.write() as connection:
        await open_award(connection, "r1", message("r1"))
        await open_award(connection, "r2", message("r2"))
        await ledger.move(connection, [Step(message("r2"), State.VOID)], "test", NOW)
    steps = [Step(message(root), State.IN_FLIGHT) for root in ("r1", "r2")]

    async def move() -> None:
        async with database.write() as connection:
            await ledger.move(connection, steps, "test", NOW)

    with pytest.raises(Conflict):
        await move()
    async with database.read() as connection:
        assert (await only(connection, "r1")).state is State.READY


async def test_of_two_processes_that_claim_a_message_one_gets_it(processes: list[Database]) -> None:
    async with processes[0].write() as connection:
        await open_award(connection, "r1", message())

    async def claim(database: Database, owner: str) -> bool:
        try:
            async with database.write() as connection:
                await ledger.move(connection, [Step(message(), State.IN_FLIGHT, "", {"owner": owner})], owner, NOW)
        except Conflict:
            return False
        return True

    claimed = await asyncio.gather(*(claim(each, f"p{number}") for number, each in enumerate(processes)))
    assert sum(claimed) == 1
    assert await examine(processes[0]) == []


async def test_processes_that_write_to_one_award_keep_its_history_whole(processes: list[Database]) -> None:
    async with processes[0].write() as connection:
        await open_award(connection)

    async def write(database: Database, revision: int) -> None:
        async with database.write() as connection:
            await ledger.append(connection, [message(revision=revision)], "test", NOW)
            await ledger.move(connection, [Step(message(revision=revision), State.VOID)], "test", NOW)

    await asyncio.gather(*(write(each, number) for number, each in enumerate(processes * 3, start=1)))
    assert await examine(processes[0]) == []
    async with processes[0].read() as connection:
        assert (await connection.execute(text("SELECT max(seq) FROM history"))).scalar() == 30


async def test_the_miles_of_a_partner_are_credited_and_accepted_less_reversed(connection: AsyncConnection) -> None:
    written = [
        message("r1", state=State.CREDITED, miles=100),
        message("r2", state=State.ACCEPTED, miles=50),
        message("r2", Kind.REVERSAL, state=State.CREDITED, miles=30),
        message("r3", state=State.READY, miles=1000),
        message("r4", state=State.TEST, miles=1000),
    ]
    for each in written:
        root = each.credit.reservation_id
        if (root, "owner") not in await ledger.awards_of(connection, PARTNER, [root]):
            await open_award(connection, root)
    await ledger.append(connection, written, "test", NOW)
    assert await ledger.miles_by_partner(connection) == {PARTNER: 120}
    assert await ledger.count_by_state(connection) == {"credited": 2, "accepted": 1, "ready": 1, "test": 1}
    assert await ledger.count_by_state(connection, PARTNER) == await ledger.count_by_state(connection)
    assert await ledger.count_by_state(connection, "air_miles") == {}


async def test_people_see_the_ledger_with_masked_numbers(connection: AsyncConnection) -> None:
    await stays.save_reservations(connection, [reservation()], NOW, NOW)
    await open_award(connection, "r1", message())
    await ledger.move(connection, [Step(message(), State.IN_FLIGHT, "attempt 1")], "process", NOW + HOUR)
    (line,) = await account.lines(connection, PARTNER, "in_flight", 10)
    assert (line.reservation_number, line.state, line.miles) == ("no-r1", "in_flight", 100)
    assert await account.lines(connection, None, "ready", 10) == []
    assert await account.lines(connection, "air_miles", None, 10) == []
    for word in ("r1", "no-r1", message().key, award().id):
        (shown,) = await account.accounts(connection, word)
        assert shown.messages == (line,)
        assert [(step.before, step.after, step.detail) for step in shown.history] == [
            ("", "ready", ""),
            ("ready", "in_flight", "attempt 1"),
        ]
        assert "992001234567890" not in repr(shown)
    assert await account.accounts(connection, "nobody") == []
