"""The ledger in figures."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from connector.domain.awards import Kind
from connector.domain.ledger import State
from connector.store import ledger, queue
from connector.store.engine import Database
from connector.store.queue import Lot
from tests.integration.store.makers import FROZEN, HOUR, NOW, PARTNER, award, message


async def filled(database: Database) -> None:
    async with database.write() as connection:
        for number in range(4):
            root = f"r{number}"
            await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
            state = State.CREDITED if number else State.READY
            told = message(root, state=state, miles=100 + number)
            await ledger.append(connection, [told], "test", NOW + number * HOUR)
        reversal = message("r1", Kind.REVERSAL, miles=101, state=State.CREDITED)
        await ledger.append(connection, [reversal], "test", NOW + 9 * HOUR)


async def test_messages_are_counted_with_their_ages_and_miles(database: Database) -> None:
    await filled(database)
    async with database.read() as connection:
        found = await queue.lots(connection)
    assert found == [Lot(PARTNER, "credited", 4, NOW + HOUR, 205), Lot(PARTNER, "ready", 1, NOW, 100)]
    assert queue.given(found) == {PARTNER: 205}


async def test_the_miles_are_those_that_the_ledger_tells(database: Database) -> None:
    await filled(database)
    async with database.read() as connection:
        assert queue.given(await queue.lots(connection)) == await ledger.miles_by_partner(connection)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_row_of_the_ledger_is_read_for_it(database: Database) -> None:
    await filled(database)
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _u, words, values, *_: asked.append((words, values)),
    )
    async with database.read() as connection:
        await queue.lots(connection)
        words, values = next(each for each in asked if "FROM message" in each[0])
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)
        steps = " ".join(row[3] for row in plan)
    assert "USING COVERING INDEX ix_message_partner_state_due_at" in steps
