from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import text

from connector.ports import BreakerState
from connector.store.engine import Database
from connector.store.limits import StoredBreakers, StoredSendLog
from tests.integration.store.makers import MINUTE, NOW

WINDOW = timedelta(seconds=30)


async def test_sends_are_reserved_up_to_the_limit(database: Database) -> None:
    log = StoredSendLog(database)
    granted = [await log.reserve("token", NOW, wanted=8, limit=20, since=NOW - WINDOW) for _ in range(4)]
    assert granted == [8, 8, 4, 0]
    assert await log.recent("token", NOW - WINDOW) == [NOW] * 20


async def test_keys_have_limits_of_their_own(database: Database) -> None:
    log = StoredSendLog(database)
    await log.reserve("token", NOW, wanted=5, limit=5, since=NOW - WINDOW)
    assert await log.reserve("other", NOW, wanted=5, limit=5, since=NOW - WINDOW) == 5


async def test_sends_that_left_the_window_count_no_more(database: Database) -> None:
    log = StoredSendLog(database)
    await log.reserve("token", NOW, wanted=2, limit=2, since=NOW - WINDOW)
    assert await log.reserve("token", NOW + WINDOW, wanted=2, limit=2, since=NOW - timedelta(microseconds=1)) == 0
    assert await log.reserve("token", NOW + WINDOW, wanted=2, limit=2, since=NOW) == 2
    assert await log.recent("token", NOW - MINUTE) == [NOW + WINDOW] * 2


async def test_recent_sends_come_oldest_first(database: Database) -> None:
    log = StoredSendLog(database)
    for seconds in (5, 1, 3):
        await log.reserve("token", NOW + timedelta(seconds=seconds), wanted=1, limit=9, since=NOW - WINDOW)
    found = await log.recent("token", NOW + timedelta(seconds=1))
    assert found == [NOW + timedelta(seconds=3), NOW + timedelta(seconds=5)]


async def test_one_send_may_count_from_a_later_moment(database: Database) -> None:
    log = StoredSendLog(database)
    later = NOW + timedelta(seconds=4)
    await log.reserve("token", NOW, wanted=2, limit=9, since=NOW - WINDOW)
    await log.move("token", NOW, later)
    assert await log.recent("token", NOW - WINDOW) == [NOW, later]


async def test_it_does_although_its_stamp_has_left_the_window(database: Database) -> None:
    log = StoredSendLog(database)
    await log.move("token", NOW - WINDOW, NOW)
    assert await log.recent("token", NOW - WINDOW) == [NOW]


async def test_a_database_that_fails_then_is_no_fault_of_the_request(database: Database) -> None:
    log = StoredSendLog(database)
    await rename(database, "send", "gone")
    await log.move("token", NOW, NOW + WINDOW)
    await rename(database, "gone", "send")
    assert await log.recent("token", NOW - WINDOW) == []


async def rename(database: Database, name: str, other: str) -> None:
    async with database.write() as connection:
        await connection.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))


async def test_processes_that_reserve_at_once_never_pass_the_limit(processes: list[Database]) -> None:
    granted = await asyncio.gather(
        *(
            StoredSendLog(each).reserve("token", NOW, wanted=7, limit=100, since=NOW - WINDOW)
            for each in processes
            for _ in range(4)
        )
    )
    assert sum(granted) == 100
    assert len(await StoredSendLog(processes[0]).recent("token", NOW - WINDOW)) == 100


CLOSED = BreakerState()
FAILED = BreakerState(failures=1)
OPEN = BreakerState(failures=3, opened_at=NOW, probe_at=NOW + MINUTE, probe_owner="one")


async def test_a_circuit_never_seen_is_closed(database: Database) -> None:
    assert await StoredBreakers(database).read("partner") == CLOSED


async def test_a_circuit_is_changed_from_the_state_that_it_is_in(database: Database) -> None:
    circuits = StoredBreakers(database)
    assert await circuits.swap("partner", CLOSED, FAILED)
    assert await circuits.swap("partner", FAILED, OPEN)
    assert await circuits.read("partner") == OPEN
    assert await circuits.swap("partner", OPEN, CLOSED)
    assert await circuits.read("partner") == CLOSED


async def test_a_change_from_another_state_is_refused(database: Database) -> None:
    circuits = StoredBreakers(database)
    assert not await circuits.swap("partner", FAILED, OPEN)
    await circuits.swap("partner", CLOSED, OPEN)
    for old in (CLOSED, FAILED, BreakerState(3, NOW, NOW + MINUTE, "two"), BreakerState(3, NOW, None, "one")):
        assert not await circuits.swap("partner", old, CLOSED)
    assert await circuits.read("partner") == OPEN


async def test_of_several_processes_one_changes_the_circuit(processes: list[Database]) -> None:
    probes = [BreakerState(3, NOW, NOW + MINUTE, f"process {number}") for number in range(5)]
    changed = await asyncio.gather(
        *(StoredBreakers(each).swap("partner", CLOSED, probe) for each, probe in zip(processes, probes, strict=True))
    )
    assert sum(changed) == 1
    assert await StoredBreakers(processes[0]).read("partner") == probes[changed.index(True)]
