from __future__ import annotations

import asyncio
from datetime import datetime

from connector.store import leases
from connector.store.engine import Database
from tests.integration.store.makers import MINUTE, NOW

UNTIL = NOW + 5 * MINUTE


async def take(database: Database, owner: str, now: datetime = NOW) -> bool:
    async with database.write() as connection:
        return await leases.take(connection, "align", owner, now, now + 5 * MINUTE)


async def test_a_free_lease_is_taken_and_refused_to_others(database: Database) -> None:
    assert await take(database, "one")
    assert not await take(database, "two")


async def test_a_lease_is_ours_to_take_again(database: Database) -> None:
    assert await take(database, "one")
    assert await take(database, "one")


async def test_an_expired_lease_is_anybodys_and_no_longer_its_first_owners(database: Database) -> None:
    await take(database, "one")
    assert not await take(database, "two", UNTIL)
    assert await take(database, "two", UNTIL + MINUTE)
    assert not await take(database, "one", UNTIL + MINUTE)


async def test_only_its_holder_renews_a_lease(database: Database) -> None:
    await take(database, "one")
    async with database.write() as connection:
        assert not await leases.renew(connection, "align", "two", UNTIL + MINUTE)
        assert await leases.renew(connection, "align", "one", UNTIL + MINUTE)
    assert not await take(database, "two", UNTIL + MINUTE)


async def test_a_renewal_says_when_somebody_took_over(database: Database) -> None:
    await take(database, "one")
    await take(database, "two", UNTIL + MINUTE)
    async with database.write() as connection:
        assert not await leases.renew(connection, "align", "one", UNTIL + 9 * MINUTE)


async def test_a_lease_that_was_given_back_is_free(database: Database) -> None:
    await take(database, "one")
    async with database.write() as connection:
        await leases.give_back(connection, "align", "two")
    assert not await take(database, "two")
    async with database.write() as connection:
        await leases.give_back(connection, "align", "one")
    assert await take(database, "two")


async def test_a_lease_of_a_clock_that_was_wrong_is_anybodys(database: Database) -> None:
    await take(database, "ahead by an hour", NOW + 60 * MINUTE)
    assert await take(database, "two")


async def test_of_a_clock_that_is_a_little_ahead_it_is_not(database: Database) -> None:
    await take(database, "ahead by some minutes", NOW + 9 * MINUTE)
    assert not await take(database, "two")


async def test_of_many_that_reach_for_a_lease_one_gets_it(processes: list[Database]) -> None:
    taken = await asyncio.gather(*(take(each, f"owner {number}") for number, each in enumerate(processes)))
    assert sum(taken) == 1
