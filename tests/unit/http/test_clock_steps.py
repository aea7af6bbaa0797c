"""The machine's clock is set while requests are sent: by a time server, by hand, after a virtual machine slept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.http.breaker import Breaker, CircuitOpen
from connector.http.limiter import SlidingWindow
from connector.telemetry.steadiness import Steadiness
from tests.unit.http.memory import START, HandClock, MemoryBreakerStore, MemorySendLog
from tests.unit.http.test_limiter import WINDOW, most_in_a_window, work_until
from tests.unit.http.virtual_time import run

REQUESTS = 40
Step = tuple[float, float]  # when, and by how many seconds the clock is set


class SetClock:
    """Shows the time of the virtual loop, moved by the steps that have come."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps

    def now(self) -> datetime:
        moment = seconds()
        return START + timedelta(seconds=moment + sum(by for at, by in self.steps if at <= moment))


def seconds() -> float:
    return asyncio.get_running_loop().time()


def worked(steps: Sequence[Step], end: float, log: MemorySendLog, seed: int = 1) -> list[float]:
    async def work() -> list[float]:
        made = SlidingWindow("token", REQUESTS, timedelta(seconds=WINDOW), log, SetClock(steps), steady=seconds)
        return await work_until(end, [made], Random(seed), slowest=0.4)

    return run(work())


STEPS = st.lists(
    st.tuples(
        st.floats(1, 200, allow_nan=False),
        st.sampled_from([-90_000.0, -3600.0, -45.0, -12.0, -2.0, -1.1, 1.1, 2.0, 12.0, 29.0, 45.0, 3600.0, 90_000.0]),
    ),
    max_size=4,
)


@settings(max_examples=30)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_no_window_ever_holds_too_many_whenever_the_clock_is_set(steps: list[Step], seed: int) -> None:
    arrivals = worked(steps, 260, MemorySendLog(), seed)
    assert most_in_a_window(arrivals, WINDOW) <= REQUESTS
    last = max((at for at, _ in steps), default=0.0)
    assert sum(last + 2 * WINDOW < each <= last + 3.2 * WINDOW for each in arrivals if last <= 200) or last > 160


@pytest.mark.parametrize("by", [-7200.0, 7200.0])
def test_after_a_window_the_work_goes_on_at_its_pace(by: float) -> None:
    arrivals = worked([(65.0, by)], 400, MemorySendLog())
    assert sum(100 < each <= 400 for each in arrivals) >= 0.85 * REQUESTS * 10
    assert not [each for each in arrivals if 66 < each < 66 + WINDOW - 1], "a whole window of rest"


def test_a_pause_that_was_asked_for_lasts_as_long_as_it_was_meant() -> None:
    async def work() -> tuple[float, float]:
        clock = SetClock([(10.0, -3600.0), (20.0, 5000.0)])
        made = SlidingWindow("token", REQUESTS, timedelta(seconds=WINDOW), MemorySendLog(), clock, steady=seconds)
        await made.acquire()
        await made.penalise(100)
        begun = seconds()
        await asyncio.sleep(12)
        await made.acquire()
        return begun, seconds()

    begun, ended = run(work())
    assert 100 <= ended - begun <= 101 + WINDOW


def test_what_a_clock_wrote_that_was_days_ahead_keeps_a_new_process_for_a_window_only() -> None:
    log = MemorySendLog()
    worked([(0.5, 400 * 86_400.0)], 40, log)
    arrivals = worked([], 200, log)
    assert WINDOW <= arrivals[0] <= WINDOW + 3
    assert most_in_a_window(arrivals, WINDOW) <= REQUESTS
    assert len(arrivals) >= 0.85 * REQUESTS * 5


class TestSteadiness:
    def test_a_clock_that_is_slewed_is_not_set(self) -> None:
        clock, moment = HandClock(), [0.0]
        seen = Steadiness(clock, lambda: moment[0], timedelta(seconds=1))
        for _ in range(100):
            clock.advance(10.005)
            moment[0] += 10
        assert not seen.step()
        assert not seen.found()

    def test_a_step_is_found_until_it_is_taken(self) -> None:
        clock, moment = HandClock(), [0.0]
        seen = Steadiness(clock, lambda: moment[0], timedelta(seconds=1))
        clock.advance(-60)
        moment[0] += 5
        assert [seen.found(), seen.step(), seen.step()] == [timedelta(seconds=-65)] * 2 + [timedelta(0)]

    def test_a_process_that_stood_still_between_two_looks_saw_no_step(self) -> None:
        clock, looks = HandClock(), iter([0.0, 0.0, 10.0, 70.0, 75.0, 75.0])
        seen = Steadiness(clock, lambda: next(looks), timedelta(seconds=1))
        clock.advance(70)
        assert not seen.found()
        clock.advance(5)
        assert not seen.found()


class TestACircuit:
    async def test_that_was_seen_closed_is_not_trusted_for_as_long_as_the_clock_was_set_back(self) -> None:
        clock, store = HandClock(), MemoryBreakerStore()
        breaker = Breaker("remote", store, clock)
        assert await breaker.before() is None
        clock.advance(-3600)
        assert await breaker.before() is None
        assert store.reads == 2

    async def test_whose_probe_was_noted_by_a_clock_that_was_ahead_is_probed_after_a_lease(self) -> None:
        clock, store = HandClock(), MemoryBreakerStore()
        for _ in range(5):
            await Breaker("remote", store, clock).failure()
        clock.advance(60)
        assert await Breaker("remote", store, clock).before()
        clock.advance(-30 * 86_400)
        with pytest.raises(CircuitOpen) as left_alone:
            await Breaker("remote", store, clock).before()
        assert left_alone.value.after == 300

    async def test_that_a_clock_opened_which_was_months_ahead_opens_for_a_day_at_most(self) -> None:
        clock, store = HandClock(), MemoryBreakerStore()
        for _ in range(5):
            await Breaker("remote", store, clock).failure()
        clock.advance(-90 * 86_400)
        with pytest.raises(CircuitOpen) as left_alone:
            await Breaker("remote", store, clock).before()
        assert left_alone.value.after == 86_400
