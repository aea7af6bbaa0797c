from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from connector.errors import Lost, NotSent, Permanent, Unauthorized
from connector.http.breaker import Breaker, CircuitOpen
from tests.unit.http.memory import HandClock, MemoryBreakerStore


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store() -> MemoryBreakerStore:
    return MemoryBreakerStore()


@pytest.fixture
def breaker(store: MemoryBreakerStore, clock: HandClock) -> Breaker:
    return process(store, clock)


def process(store: MemoryBreakerStore, clock: HandClock) -> Breaker:
    return Breaker("Partner", store, clock, threshold=3, cool_down=timedelta(seconds=30))


async def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Lost):
            async with breaker.guard():
                raise Lost("gone")


async def pause_of(breaker: Breaker) -> float:
    with pytest.raises(CircuitOpen) as raised:
        await breaker.before()
    assert raised.value.after is not None
    return raised.value.after


async def test_a_working_circuit_lets_everything_through(breaker: Breaker) -> None:
    for _ in range(10):
        async with breaker.guard():
            pass
    assert await breaker.before() is None


async def test_failures_in_a_row_open_the_circuit(breaker: Breaker) -> None:
    await fail(breaker, 3)
    assert await pause_of(breaker) == 30


async def test_an_open_circuit_means_that_nothing_was_sent(breaker: Breaker) -> None:
    await fail(breaker, 3)
    with pytest.raises(NotSent, match="Partner failed repeatedly and is left alone for 30 s"):
        async with breaker.guard():
            pytest.fail("the block must not run")


async def test_a_success_between_failures_keeps_the_circuit_closed(breaker: Breaker) -> None:
    await fail(breaker, 2)
    async with breaker.guard():
        pass
    await fail(breaker, 2)
    assert await breaker.before() is None


async def test_an_answer_that_shows_a_broken_server_is_a_failure(breaker: Breaker) -> None:
    for _ in range(3):
        async with breaker.guard() as passage:
            passage.failed = True
    assert await pause_of(breaker) == 30


@pytest.mark.parametrize("error", [Permanent("bad request"), Unauthorized("bad secret")])
async def test_an_error_of_ours_is_no_failure_of_theirs(breaker: Breaker, error: Permanent) -> None:
    for _ in range(5):
        with pytest.raises(Permanent):
            async with breaker.guard():
                raise error
    assert await breaker.before() is None


async def test_after_the_pause_exactly_one_request_probes(breaker: Breaker, clock: HandClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    results = await asyncio.gather(*(breaker.before() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, CircuitOpen) for result in results) == 4


async def test_one_probe_is_enough_for_all_processes(store: MemoryBreakerStore, clock: HandClock) -> None:
    processes = [process(store, clock) for _ in range(4)]
    await fail(processes[0], 3)
    clock.advance(30)
    results = await asyncio.gather(*(each.before() for each in processes), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1


async def test_only_one_of_two_that_saw_the_same_state_becomes_the_probe(
    store: MemoryBreakerStore, clock: HandClock
) -> None:
    one, other = process(store, clock), process(store, clock)
    await fail(one, 3)
    clock.advance(30)
    seen = await store.read("Partner")
    await one._become_probe(seen)
    with pytest.raises(CircuitOpen):
        await other._become_probe(seen)


async def test_a_good_probe_closes_the_circuit_for_all(store: MemoryBreakerStore, clock: HandClock) -> None:
    one, other = process(store, clock), process(store, clock)
    await fail(one, 3)
    clock.advance(30)
    async with other.guard():
        pass
    assert (await one.before(), await other.before()) == (None, None)


async def test_each_failed_probe_doubles_the_pause(breaker: Breaker, clock: HandClock) -> None:
    await fail(breaker, 3)
    pauses = []
    for _ in range(7):
        pauses.append(await pause_of(breaker))
        clock.advance(pauses[-1])
        await fail(breaker)
    assert pauses == [30, 60, 120, 240, 480, 900, 900]


async def test_the_pause_is_short_again_after_a_recovery(breaker: Breaker, clock: HandClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    await fail(breaker)
    clock.advance(60)
    async with breaker.guard():
        pass
    await fail(breaker, 3)
    assert await pause_of(breaker) == 30


async def test_late_failures_of_requests_already_under_way_change_nothing(breaker: Breaker, clock: HandClock) -> None:
    await fail(breaker, 3)
    clock.advance(10)
    await breaker.failure()
    assert await pause_of(breaker) == 20
    clock.advance(20)
    probe = await breaker.before()
    await breaker.failure()
    assert await pause_of(breaker) > 60
    await breaker.failure(probe)
    assert await pause_of(breaker) == 60


async def test_a_probe_that_never_reports_is_replaced(breaker: Breaker, clock: HandClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    await breaker.before()
    assert await pause_of(breaker) == 300
    clock.advance(300)
    assert await breaker.before()


async def test_a_restart_finds_the_circuit_open(store: MemoryBreakerStore, clock: HandClock) -> None:
    await fail(process(store, clock), 3)
    assert await pause_of(process(store, clock)) == 30


async def test_an_opening_elsewhere_is_noticed_within_a_second(store: MemoryBreakerStore, clock: HandClock) -> None:
    one, other = process(store, clock), process(store, clock)
    async with other.guard():
        pass
    await fail(one, 3)
    clock.advance(1)
    assert await pause_of(other) == 29


async def test_a_healthy_circuit_hardly_reads_the_store(breaker: Breaker, store: MemoryBreakerStore) -> None:
    for _ in range(100):
        async with breaker.guard():
            pass
    assert store.reads == 1


async def test_only_the_edges_are_logged(breaker: Breaker, clock: HandClock) -> None:
    with capture_logs() as logs:
        await fail(breaker, 3)
        for pause in (30, 60):
            clock.advance(pause)
            await fail(breaker)
        clock.advance(120)
        for _ in range(3):
            async with breaker.guard():
                pass
    assert [log["event"] for log in logs] == ["circuit opened", "circuit closed"]


async def test_failures_reported_at_once_are_all_counted(store: MemoryBreakerStore, clock: HandClock) -> None:
    await asyncio.gather(*(process(store, clock).failure() for _ in range(3)))
    assert (await store.read("Partner")).opened_at is not None


class TestATrippedCircuit:
    async def test_is_open_at_once(self, breaker: Breaker) -> None:
        await breaker.trip()
        assert await pause_of(breaker) == 30

    async def test_stays_open_longer_with_each_probe_that_trips_it(self, breaker: Breaker, clock: HandClock) -> None:
        await breaker.trip()
        for pause in (60, 120):
            clock.advance(seconds=900)
            probe = await breaker.before()
            await breaker.trip(probe)
            assert await pause_of(breaker) == pause

    async def test_is_not_prolonged_by_those_who_were_under_way(self, breaker: Breaker, clock: HandClock) -> None:
        await breaker.trip()
        clock.advance(seconds=20)
        await breaker.trip()
        assert await pause_of(breaker) == 10


async def test_one_that_asks_for_a_pause_is_left_alone_for_so_long(
    breaker: Breaker, store: MemoryBreakerStore, clock: HandClock
) -> None:
    await breaker.rest(timedelta(minutes=10))
    assert await pause_of(breaker) == 600
    assert await pause_of(process(store, clock)) == 600
    clock.advance(600)
    assert await breaker.before() is not None
    await breaker.success()
    assert await breaker.before() is None


async def test_a_probe_that_is_asked_for_a_pause_lets_no_other_one_go_before(
    breaker: Breaker, clock: HandClock
) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    assert await breaker.before() is not None
    await breaker.rest(timedelta(minutes=2))
    assert await pause_of(breaker) == 120
