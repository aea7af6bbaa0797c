from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import pytest

from connector.errors import Lost, NotSent, Permanent
from connector.http.answer import Answer
from connector.http.breaker import Breaker, CircuitOpen
from connector.http.limiter import SlidingWindow, Unlimited
from connector.http.retry import READ, WRITE_ONCE, RetryPolicy, equal_jitter, send
from tests.unit.http.memory import HandClock, MemoryBreakerStore, MemorySendLog

SAME_KEY = RetryPolicy(
    attempts=3,
    first_wait=0.5,
    max_wait=30,
    statuses=frozenset({429, 503}),
    on_lost=True,
    on_not_sent=True,
)
LATER = timedelta(seconds=20)
OK, BUSY, BROKEN = Answer(200, {}, b""), Answer(429, {}, b""), Answer(503, {}, b"")


class Remote:
    """Answers from a list; the last one for ever."""

    def __init__(self, *outcomes: Answer | Exception) -> None:
        self.outcomes = outcomes
        self.calls = 0

    async def __call__(self) -> Answer:
        outcome = self.outcomes[min(self.calls, len(self.outcomes) - 1)]
        self.calls += 1
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class RecordingLimiter(Unlimited):
    def __init__(self) -> None:
        self.penalties: list[float] = []
        self.slots = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        self.slots += 1
        yield

    async def penalise(self, seconds: float) -> None:
        self.penalties.append(seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def limiter() -> RecordingLimiter:
    return RecordingLimiter()


def wait_asked(seconds: str, status: int = 429) -> Answer:
    return Answer(status, {"retry-after": seconds}, b"")


async def attempt(
    remote: Remote,
    policy: RetryPolicy,
    clock: HandClock,
    limiter: RecordingLimiter | None = None,
    breaker: Breaker | None = None,
) -> Answer:
    return await send(
        remote,
        policy,
        limiter=limiter or RecordingLimiter(),
        breaker=breaker,
        clock=clock,
        sleep=clock.sleep,
        jitter=lambda wait: wait,
    )


async def test_a_good_answer_comes_at_once(clock: HandClock) -> None:
    assert await attempt(Remote(OK), READ, clock) is OK
    assert clock.slept == []


@pytest.mark.parametrize("trouble", [Lost("x"), NotSent("x"), *(Answer(s, {}, b"") for s in (500, 502, 503, 504))])
async def test_a_read_is_tried_again_after_anything_transient(clock: HandClock, trouble: Answer | Exception) -> None:
    remote = Remote(trouble, trouble, OK)
    assert await attempt(remote, READ, clock) is OK
    assert (remote.calls, clock.slept) == (3, [0.5, 1.0])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409])
async def test_an_answer_that_settles_the_matter_is_not_asked_for_again(clock: HandClock, status: int) -> None:
    remote = Remote(Answer(status, {}, b""))
    assert (await attempt(remote, READ, clock)).status == status
    assert remote.calls == 1


@pytest.mark.parametrize("trouble", [NotSent("x"), BUSY])
async def test_a_write_is_repeated_when_it_certainly_had_no_effect(
    clock: HandClock, trouble: Answer | Exception
) -> None:
    assert await attempt(Remote(trouble, OK), WRITE_ONCE, clock) is OK


async def test_a_write_whose_answer_is_lost_is_not_repeated(clock: HandClock) -> None:
    remote = Remote(Lost("x"), OK)
    with pytest.raises(Lost):
        await attempt(remote, WRITE_ONCE, clock)
    assert remote.calls == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_write_with_an_unknown_outcome_is_not_repeated(clock: HandClock, status: int) -> None:
    remote = Remote(Answer(status, {}, b""), OK)
    assert (await attempt(remote, WRITE_ONCE, clock)).status == status
    assert remote.calls == 1


async def test_the_last_outcome_is_the_callers(clock: HandClock) -> None:
    remote = Remote(BROKEN)
    assert await attempt(remote, READ, clock) is BROKEN
    assert (remote.calls, len(clock.slept)) == (5, 4)
    with pytest.raises(NotSent):
        await attempt(Remote(NotSent("x")), READ, clock)


@pytest.mark.parametrize("last", [NotSent("x"), BUSY])
@pytest.mark.parametrize("first", [Lost("x"), BROKEN])
async def test_no_later_attempt_hides_an_earlier_doubt(
    clock: HandClock, first: Answer | Exception, last: Answer | Exception
) -> None:
    with pytest.raises(Lost, match="earlier attempt may have had its effect"):
        await attempt(Remote(first, last), SAME_KEY, clock)


async def test_attempts_that_never_left_stay_not_sent(clock: HandClock) -> None:
    with pytest.raises(NotSent):
        await attempt(Remote(BUSY, NotSent("x")), SAME_KEY, clock)


async def test_an_error_with_another_meaning_passes_through(clock: HandClock) -> None:
    remote = Remote(Permanent("x"), OK)
    with pytest.raises(Permanent):
        await attempt(remote, READ, clock)
    assert remote.calls == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_the_wait_asked_for_counts_beyond_the_longest_own_wait(clock: HandClock, status: int) -> None:
    await attempt(Remote(wait_asked("120", status), OK), READ, clock)
    assert clock.slept == [120.0]


async def test_a_wait_that_is_too_long_is_left_to_the_caller(clock: HandClock, limiter: RecordingLimiter) -> None:
    remote = Remote(wait_asked("3600"), OK)
    assert (await attempt(remote, READ, clock, limiter)).status == 429
    assert (remote.calls, clock.slept, limiter.penalties) == (1, [], [3600.0])


@pytest.mark.parametrize("ahead", [timedelta(seconds=30), timedelta(0), timedelta(seconds=-30)])
async def test_a_moment_counts_by_the_clock_that_named_it(clock: HandClock, ahead: timedelta) -> None:
    date, moment = (format_datetime(clock.now() - ahead + wait, usegmt=True) for wait in (timedelta(0), LATER))
    await attempt(Remote(Answer(503, {"retry-after": moment, "date": date}, b""), OK), READ, clock)
    assert clock.slept == [LATER.total_seconds()]


@pytest.mark.parametrize("headers", [{}, {"retry-after": "0"}, {"retry-after": "Sun, 01 Nov 2020 12:00:00 GMT"}])
async def test_after_too_many_requests_there_is_a_second_at_least(
    clock: HandClock, limiter: RecordingLimiter, headers: dict[str, str]
) -> None:
    remote = Remote(Answer(429, headers, b""))
    assert (await attempt(remote, READ, clock, limiter)).status == 429
    assert clock.slept == [1.0, 1.0, 2.0, 4.0]
    assert limiter.penalties == [1.0, 1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("trouble", [wait_asked("0", 503), NotSent("x", after=0.0)])
async def test_a_wait_of_nothing_is_no_wait_that_was_asked_for(clock: HandClock, trouble: Answer | Exception) -> None:
    await attempt(Remote(trouble, trouble, OK), READ, clock)
    assert clock.slept == [0.5, 1.0]


async def test_a_wait_carried_by_an_error_counts(clock: HandClock) -> None:
    await attempt(Remote(NotSent("x", after=7.0), OK), WRITE_ONCE, clock)
    assert clock.slept == [7.0]


async def test_the_wait_grows_up_to_its_limit(clock: HandClock) -> None:
    policy = RetryPolicy(7, 1.0, 10.0, frozenset(), on_lost=True, on_not_sent=True)
    with pytest.raises(Lost):
        await attempt(Remote(Lost("x")), policy, clock)
    assert clock.slept == [1, 2, 4, 8, 10, 10]


async def test_too_many_requests_stop_everybody(clock: HandClock, limiter: RecordingLimiter) -> None:
    await attempt(Remote(wait_asked("9"), BUSY, OK), READ, clock, limiter)
    assert limiter.penalties == [9.0, 1.0]


async def test_too_many_requests_stop_everybody_even_at_the_last_attempt(
    clock: HandClock, limiter: RecordingLimiter
) -> None:
    policy = RetryPolicy(1, 0.5, 30, frozenset({429}), on_lost=False, on_not_sent=False)
    await attempt(Remote(wait_asked("9")), policy, clock, limiter)
    assert limiter.penalties == [9.0]


async def test_every_attempt_takes_its_turn(clock: HandClock, limiter: RecordingLimiter) -> None:
    await attempt(Remote(BROKEN, BROKEN, OK), READ, clock, limiter)
    assert limiter.slots == 3


async def test_a_penalised_window_lets_the_retry_through_when_it_is_over(clock: HandClock) -> None:
    window = SlidingWindow("token", 5, timedelta(seconds=30), MemorySendLog(), clock, clock.sleep)
    started = clock.now()
    remote = Remote(wait_asked("40"), OK)
    answer = await send(remote, READ, limiter=window, clock=clock, sleep=clock.sleep)
    assert answer is OK
    assert timedelta(seconds=40) <= clock.now() - started < timedelta(seconds=42)


class TestWithACircuit:
    @pytest.fixture
    def breaker(self, clock: HandClock) -> Breaker:
        return Breaker("Partner", MemoryBreakerStore(), clock, threshold=3)

    @pytest.mark.parametrize("trouble", [Lost("x"), NotSent("x"), BROKEN])
    async def test_failed_attempts_open_it_and_end_the_retries(
        self, clock: HandClock, breaker: Breaker, trouble: Answer | Exception
    ) -> None:
        remote = Remote(trouble)
        with pytest.raises((CircuitOpen, Lost)):
            await attempt(remote, READ, clock, breaker=breaker)
        assert remote.calls == 3
        with pytest.raises(CircuitOpen):
            await attempt(remote, READ, clock, breaker=breaker)
        assert remote.calls == 3

    async def test_an_open_circuit_after_a_lost_answer_stays_in_doubt(self, clock: HandClock, breaker: Breaker) -> None:
        with pytest.raises(Lost, match="earlier attempt"):
            await attempt(Remote(Lost("x")), RetryPolicy(5, 0.5, 30, frozenset(), True, True), clock, breaker=breaker)

    @pytest.mark.parametrize("status", [400, 401, 404, 429])
    async def test_answers_of_a_working_server_keep_it_closed(
        self, clock: HandClock, breaker: Breaker, status: int
    ) -> None:
        for _ in range(5):
            await attempt(Remote(Answer(status, {}, b"")), WRITE_ONCE, clock, breaker=breaker)
        assert await breaker.before() is None


def test_jitter_spreads_the_wait_from_half_to_all_of_it() -> None:
    waits = [equal_jitter(10) for _ in range(500)]
    assert 5 <= min(waits) < 6
    assert 9 < max(waits) <= 10
