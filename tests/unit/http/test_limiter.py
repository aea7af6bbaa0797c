from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.http.limiter import SlidingWindow, Unlimited
from tests.unit.http.memory import START, HandClock, MemorySendLog
from tests.unit.http.virtual_time import VirtualClock, run

WINDOW = 30.0


def limiter(requests: int, log: MemorySendLog, *, window: float = WINDOW) -> SlidingWindow:
    return SlidingWindow("token", requests, timedelta(seconds=window), log, VirtualClock())


def most_in_a_window(arrivals: list[float], window: float) -> int:
    """Count the slow way, knowing nothing of the limiter: a true sliding window, both ends included."""
    return max((sum(a <= b <= a + window for b in arrivals) for a in arrivals), default=0)


async def work_until(
    end: float, limits: list[SlidingWindow], random: Random, *, slowest: float = 0.0, workers: int = 30
) -> list[float]:
    """Send as much as allowed; return when each request arrived, some time between its start and its end."""
    now = asyncio.get_running_loop().time
    arrivals: list[float] = []

    async def worker(mine: SlidingWindow) -> None:
        while now() < end:
            async with mine.slot():
                there = random.uniform(0, slowest)
                await asyncio.sleep(there)
                arrivals.append(now())
                await asyncio.sleep(slowest - there)

    tasks = [asyncio.create_task(worker(limits[n % len(limits)])) for n in range(workers)]
    await asyncio.sleep(end - now())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [arrival for arrival in arrivals if arrival <= end]


@pytest.mark.parametrize("requests", [20, 200])
def test_busy_work_uses_the_rate_and_never_exceeds_it(requests: int) -> None:
    arrivals = run(work_until(10 * WINDOW, [limiter(requests, MemorySendLog())], Random(1), slowest=0.3))
    assert most_in_a_window(arrivals, WINDOW) <= requests
    assert len(arrivals) >= 0.85 * requests * 10


def least_in(windows: int, arrivals: list[float], *, since: float, until: float) -> int:
    """Return the fewest arrivals in so many windows, wherever between the two moments they begin."""
    moments = range(int(since), int(until - windows * WINDOW) + 1)
    return min(sum(start <= a < start + windows * WINDOW for a in arrivals) for start in moments)


@pytest.mark.parametrize("requests", [20, 200])
@pytest.mark.parametrize(("workers", "slowest"), [(1, 0.1), (30, 0.3), (200, 1.0)])
def test_busy_work_uses_every_window_wherever_it_begins(requests: int, workers: int, slowest: float) -> None:
    limits, end = [limiter(requests, MemorySendLog())], 20 * WINDOW
    arrivals = run(work_until(end, limits, Random(2), slowest=slowest, workers=workers))
    assert least_in(5, arrivals, since=0, until=end) >= 0.85 * 5 * requests
    assert least_in(5, arrivals, since=2 * WINDOW, until=end) >= 0.9 * 5 * requests
    assert least_in(1, arrivals, since=2 * WINDOW, until=end) >= 0.8 * requests


def test_a_quarter_of_a_window_goes_at_once_and_the_rest_at_an_even_pace() -> None:
    arrivals = run(work_until(WINDOW, [limiter(20, MemorySendLog())], Random(7), workers=1))
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    assert len(gaps) == 19
    assert max(gaps[:4]) < 0.1
    assert all(1.5 <= gap < 1.6 for gap in gaps[4:])


def test_slow_answers_do_not_let_too_many_through() -> None:
    arrivals = run(work_until(10 * WINDOW, [limiter(20, MemorySendLog())], Random(3), slowest=8.0))
    assert most_in_a_window(arrivals, WINDOW) <= 20
    assert len(arrivals) > 100


@pytest.mark.parametrize("requests", [20, 200])
def test_a_restart_remembers_what_was_sent(requests: int) -> None:
    async def two_lives() -> list[float]:
        log, random = MemorySendLog(), Random(4)
        first = await work_until(3.2 * WINDOW, [limiter(requests, log)], random, slowest=0.2)
        second = await work_until(13.2 * WINDOW, [limiter(requests, log)], random, slowest=0.2)
        return first + second

    arrivals = run(two_lives())
    assert most_in_a_window(arrivals, WINDOW) <= requests
    assert len(arrivals) >= 0.85 * requests * 13.2


def test_two_processes_share_the_limit() -> None:
    async def together() -> list[float]:
        log = MemorySendLog()
        return await work_until(10 * WINDOW, [limiter(40, log), limiter(40, log)], Random(5), slowest=0.3)

    arrivals = run(together())
    assert most_in_a_window(arrivals, WINDOW) <= 40
    assert len(arrivals) >= 0.85 * 400


@settings(max_examples=20, deadline=None)
@given(requests=st.integers(1, 40), seed=st.integers(0, 2**32), latency=st.floats(0.05, 0.9))
def test_two_processes_share_it_however_long_a_request_is_under_way(requests: int, seed: int, latency: float) -> None:
    async def together() -> list[float]:
        log = MemorySendLog()
        limits = [limiter(requests, log), limiter(requests, log)]
        return await work_until(8 * WINDOW, limits, Random(seed), slowest=latency * WINDOW)

    assert 0 < most_in_a_window(run(together()), WINDOW) <= requests


@settings(max_examples=40, deadline=None)
@given(
    requests=st.integers(1, 40),
    window=st.floats(1, 60),
    seed=st.integers(0, 2**32),
    lives=st.lists(st.floats(0.2, 3), min_size=1, max_size=4),
    processes=st.integers(1, 3),
    latency=st.floats(0, 0.049),
)
def test_no_window_ever_holds_too_many(
    requests: int, window: float, seed: int, lives: list[float], processes: int, latency: float
) -> None:
    # within the margin: of what an earlier life or another process sent, only the stamp is known
    slowest = latency * min(window, 20.0)

    async def several_lives() -> list[float]:
        log, random, arrivals, end = MemorySendLog(), Random(seed), [], 0.0
        for length in lives:
            end += length * window
            limits = [limiter(requests, log, window=window) for _ in range(processes)]
            workers = random.randint(1, 12)
            arrivals += await work_until(end, limits, random, slowest=slowest, workers=workers)
        return arrivals

    arrivals = run(several_lives())
    assert 0 < most_in_a_window(arrivals, window) <= requests


def test_turns_are_given_in_the_order_of_asking() -> None:
    async def queue() -> list[int]:
        limit, order = limiter(2, MemorySendLog()), []

        async def ask(number: int) -> None:
            await limit.acquire()
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(9)))
        return order

    assert run(queue()) == list(range(9))


def test_after_a_penalty_nobody_sends_until_it_ends() -> None:
    async def penalised() -> list[float]:
        log, now = MemorySendLog(), asyncio.get_running_loop().time
        refused, other, later = limiter(20, log), limiter(20, log), limiter(20, log)
        for _ in range(2):
            await refused.acquire()
        await refused.penalise(100)
        assert [await each.available() for each in (refused, other, later)] == [0, 0, 0]

        async def sent_at(each: SlidingWindow) -> float:
            await each.acquire()
            return now()

        return await asyncio.gather(*map(sent_at, (refused, other, later)))

    assert all(100 <= sent_at < 101 for sent_at in run(penalised()))


def test_a_penalty_ends_and_the_work_goes_on() -> None:
    async def penalised() -> list[float]:
        limit = limiter(20, MemorySendLog())
        await limit.penalise(10)
        return await work_until(10 * WINDOW, [limit], Random(6))

    assert len(run(penalised())) >= 0.85 * 20 * 9


def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    async def twice() -> float:
        limit = limiter(20, MemorySendLog())
        for _ in range(2):
            await limit.acquire()
        await limit.penalise(50)
        await limit.penalise(0.1)
        await limit.acquire()
        return asyncio.get_running_loop().time()

    assert run(twice()) >= 50


async def test_what_is_available_counts_this_process_and_the_log() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 5, timedelta(seconds=30), log, clock, clock.sleep)
    assert await limit.available() == 5
    await limit.acquire()
    async with limit.slot():
        assert await limit.available() == 3
    log.stamps["token"] += [START, START]
    assert await limit.available() == 1
    clock.advance(32)
    assert await limit.available() == 5


async def test_the_room_is_what_this_process_did_and_what_the_log_last_told() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 5, timedelta(seconds=30), log, clock, clock.sleep)
    await limit.acquire()
    assert limit.room == 4
    log.stamps["token"] += [START, START]
    assert limit.room == 4
    assert (await limit.available(), limit.room) == (2, 2)
    await limit.acquire()
    assert limit.room == 1
    clock.advance(32)
    assert limit.room == 5
    await limit.penalise(10)
    assert limit.room == 0


async def test_a_request_under_way_counts_until_a_window_after_its_end() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 1, timedelta(seconds=30), log, clock, clock.sleep)
    async with limit.slot():
        clock.advance(100)
        assert await limit.available() == 0
    clock.advance(30)
    assert await limit.available() == 0
    clock.advance(1)
    assert await limit.available() == 1


async def test_a_crash_after_a_reservation_only_makes_it_more_careful() -> None:
    clock, log = HandClock(), MemorySendLog()
    before = SlidingWindow("token", 100, timedelta(seconds=30), log, clock, clock.sleep)
    for _ in range(4):
        await before.acquire()
    after = SlidingWindow("token", 100, timedelta(seconds=30), log, clock, clock.sleep)
    assert await after.available() == 100 - len(log.stamps["token"]) <= 96


async def test_steady_work_writes_to_the_log_in_blocks_and_uses_them_up() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 200, timedelta(seconds=30), log, clock, clock.sleep)
    for _ in range(150):
        await limit.acquire()
        clock.advance(0.02)
    assert log.reservations < 60
    assert len(log.stamps["token"]) < 160


async def test_a_reserved_send_is_not_used_after_its_stamp() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 20, timedelta(seconds=30), log, clock, clock.sleep)
    for _ in range(2):
        await limit.acquire()
    clock.advance(5)
    await limit.acquire()
    assert max(log.stamps["token"]) >= clock.now()


async def test_rare_work_wastes_nothing() -> None:
    clock, log = HandClock(), MemorySendLog()
    limit = SlidingWindow("token", 20, timedelta(seconds=30), log, clock, clock.sleep)
    for _ in range(10):
        await limit.acquire()
        clock.advance(2)
    assert len(log.stamps["token"]) == 10


async def test_keys_are_limited_apart() -> None:
    clock, log = HandClock(), MemorySendLog()
    one, other = (SlidingWindow(key, 1, timedelta(seconds=30), log, clock, clock.sleep) for key in "ab")
    await one.acquire()
    assert (await one.available(), await other.available()) == (0, 1)


async def test_without_a_limit_nobody_waits() -> None:
    limit = Unlimited()
    await limit.penalise(100)
    await limit.acquire()
    async with limit.slot():
        assert await limit.available() is None
    assert limit.room is None
