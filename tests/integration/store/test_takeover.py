from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import State
from connector.store import leases, ledger, outbox, runs
from connector.store.engine import Database
from connector.store.ledger import Step
from connector.store.takeover import take_over
from tests.integration.store.makers import FROZEN, MINUTE, NOW, award, message

UNTIL = NOW + 5 * MINUTE


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def under_way(connection: AsyncConnection, owner: str, root: str, until: datetime = UNTIL) -> None:
    """A process holds a lease of its own and has a message of one stay in flight."""
    await leases.take(connection, f"job of {owner}", owner, NOW, UNTIL)
    await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
    await ledger.append(connection, [message(root)], owner, NOW)
    fields = {"owner": owner, "lease_until": until}
    await ledger.move(connection, [Step(message(root), State.IN_FLIGHT, "", fields)], owner, NOW)


async def abandoned(connection: AsyncConnection, now: datetime = NOW) -> list[str]:
    return [each.credit.reservation_id for each in await outbox.abandoned(connection, now, UNTIL)]


async def test_the_leases_and_flights_of_a_dead_process_end_at_once(connection: AsyncConnection) -> None:
    await under_way(connection, "dead", "r1")
    await take_over(connection, lambda owner: owner == "dead", NOW)
    assert await leases.take(connection, "job of dead", "heir", NOW, UNTIL)
    assert await abandoned(connection) == ["r1"]


async def test_those_of_a_living_process_go_on(connection: AsyncConnection) -> None:
    await under_way(connection, "dead", "r1")
    await under_way(connection, "alive", "r2")
    await take_over(connection, lambda owner: owner == "dead", NOW)
    assert not await leases.take(connection, "job of alive", "heir", NOW, UNTIL)
    assert await abandoned(connection) == ["r1"]


async def test_a_flight_whose_lease_ended_already_keeps_its_time(connection: AsyncConnection) -> None:
    await under_way(connection, "dead", "r1", until=NOW - MINUTE)
    await take_over(connection, lambda _owner: True, NOW)
    assert await abandoned(connection, NOW - MINUTE) == ["r1"]


async def test_the_run_of_a_dead_process_is_called_interrupted_and_that_of_a_living_one_goes_on(
    connection: AsyncConnection,
) -> None:
    for owner in ("dead", "alive"):
        await runs.begin(connection, f"job of {owner}", f"run of {owner}", owner, NOW)
    await take_over(connection, lambda owner: owner == "dead", NOW + MINUTE)
    found = {each.run: (each.outcome, each.ended_at) for each in await runs.listing(connection, 9)}
    assert found == {"run of dead": ("interrupted", NOW + MINUTE), "run of alive": ("", None)}
