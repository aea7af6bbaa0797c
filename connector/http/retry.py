"""Short retries, chosen per operation. Long ones belong to the ledger, and nothing retries around this."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass

from connector.errors import Lost, NotSent
from connector.http.answer import Answer
from connector.http.breaker import Breaker, CircuitOpen, Passage
from connector.http.limiter import Limiter
from connector.ports import Clock

TOO_MANY = 429
UNAVAILABLE = 503
SERVER_ERROR = 500
_AFTER_REFUSAL = 1.0  # seconds at least that a server which has too many requests gets no other


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after what one operation is tried again; waits are in seconds.

    The wait grows from ``first_wait`` to ``max_wait``. A ``Retry-After`` on 429 or 503 counts instead, unless it is
    nothing; when it is longer than ``longest_retry_after``, the answer is the caller's, whose retries are longer.
    After 429 it is a second at least.
    """

    attempts: int
    first_wait: float
    max_wait: float
    statuses: frozenset[int]
    on_lost: bool
    on_not_sent: bool
    longest_retry_after: float = 600.0


READ = RetryPolicy(
    attempts=5,
    first_wait=0.5,
    max_wait=30.0,
    statuses=frozenset({429, 500, 502, 503, 504}),
    on_lost=True,
    on_not_sent=True,
)
WRITE_ONCE = RetryPolicy(
    attempts=5,
    first_wait=0.5,
    max_wait=30.0,
    statuses=frozenset({429}),
    on_lost=False,
    on_not_sent=True,
)


def equal_jitter(wait: float) -> float:
    """Return any wait from half of this one, so that many clients do not come back at once, and none at once."""
    return random.SystemRandom().uniform(wait / 2, wait)


async def send(
    client_call: Callable[[], Awaitable[Answer]],
    policy: RetryPolicy,
    *,
    limiter: Limiter,
    breaker: Breaker | None = None,
    clock: Clock,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    jitter: Callable[[float], float] = equal_jitter,
    again: Callable[[], None] | None = None,
) -> Answer:
    """Send until there is an answer worth having; else the last answer or error is the caller's.

    NotSent means that no attempt can have had an effect: after an attempt in doubt it becomes Lost. An open
    circuit ends the attempts at once. ``again`` hears of every further attempt.
    """
    doubt = False
    for attempt in range(1, policy.attempts + 1):
        outcome = await _once(client_call, limiter, breaker)
        wait = _asked(outcome, clock) or jitter(min(policy.max_wait, policy.first_wait * 2 ** (attempt - 1)))
        if _refused(outcome):
            wait = max(wait, _AFTER_REFUSAL)
            await limiter.penalise(wait)
        if attempt == policy.attempts or wait > policy.longest_retry_after or not _again(outcome, policy):
            break
        doubt = doubt or not (_refused(outcome) or isinstance(outcome, NotSent))
        await sleep(wait)
        if again:
            again()
    return _conclude(outcome, doubt=doubt)


async def _once(
    client_call: Callable[[], Awaitable[Answer]], limiter: Limiter, breaker: Breaker | None
) -> Answer | Lost | NotSent:
    try:
        async with breaker.guard() if breaker else nullcontext(Passage()) as passage:
            async with limiter.slot():
                answer = await client_call()
            passage.failed = answer.status >= SERVER_ERROR
    except (Lost, NotSent) as error:
        return error
    return answer


def _asked(outcome: Answer | Lost | NotSent, clock: Clock) -> float | None:
    """Return the wait that the other side asked for."""
    if not isinstance(outcome, Answer):
        return outcome.after
    return outcome.retry_after(clock.now()) if outcome.status in {TOO_MANY, UNAVAILABLE} else None


def _refused(outcome: Answer | Lost | NotSent) -> bool:
    return isinstance(outcome, Answer) and outcome.status == TOO_MANY


def _again(outcome: Answer | Lost | NotSent, policy: RetryPolicy) -> bool:
    match outcome:
        case Answer():
            return outcome.status in policy.statuses
        case CircuitOpen():
            return False
        case NotSent():
            return policy.on_not_sent
        case _:
            return policy.on_lost


def _conclude(outcome: Answer | Lost | NotSent, *, doubt: bool) -> Answer:
    if doubt and (_refused(outcome) or isinstance(outcome, NotSent)):
        raise Lost("An earlier attempt may have had its effect, and the last one was not taken.")
    if isinstance(outcome, Answer):
        return outcome
    raise outcome
