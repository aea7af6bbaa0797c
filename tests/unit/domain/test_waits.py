"""The wait before another attempt."""

from __future__ import annotations

from datetime import timedelta

from connector.domain.waits import wait_before

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)


def waits(salt: str = "a key", attempts: int = 12) -> list[float]:
    return [wait_before(n, FIRST, LONGEST, salt).total_seconds() for n in range(1, attempts + 1)]


def test_it_doubles_up_to_the_longest_and_is_a_quarter_shorter_at_most() -> None:
    whole = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]
    assert all(0.75 * most <= wait <= most for wait, most in zip(waits(), whole, strict=True))


def test_it_is_the_same_whenever_it_is_asked_for() -> None:
    assert waits() == waits()


def test_messages_that_fail_together_do_not_come_back_together() -> None:
    firsts = sorted(waits(str(n), 1)[0] for n in range(200))
    assert firsts[0] < 23.5
    assert firsts[-1] > 29.5
    assert len(set(firsts)) == 200


def test_thousands_of_attempts_are_no_overflow() -> None:
    assert wait_before(100_000, FIRST, LONGEST, "") <= LONGEST
