"""Wrong tokens: few from one address, not too many from all, and nobody locked out for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.web.throttle import CROWD, FREE, LONGEST, WINDOW, Throttle


class Time:
    """A clock that stands still."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def time() -> Time:
    """The clock of the throttle."""
    return Time()


@pytest.fixture
def throttle(time: Time) -> Throttle:
    """A throttle that saw nobody yet."""
    return Throttle(time)


def fail(throttle: Throttle, times: int, address: Callable[[int], str] = lambda _: "1.2.3.4") -> None:
    """Give wrong tokens."""
    for number in range(times):
        throttle.failed(address(number))


def test_a_few_wrong_tokens_cost_nothing(throttle: Throttle) -> None:
    fail(throttle, FREE - 1)

    assert throttle.wait("1.2.3.4") == 0


def test_then_the_address_waits_longer_each_time_and_no_other_does(throttle: Throttle) -> None:
    fail(throttle, FREE)
    assert throttle.wait("1.2.3.4") == 1
    throttle.failed("1.2.3.4")
    assert throttle.wait("1.2.3.4") == 2
    assert throttle.wait("5.6.7.8") == 0


def test_it_never_waits_longer_than_a_minute(throttle: Throttle, time: Time) -> None:
    fail(throttle, CROWD - 1)
    assert throttle.wait("1.2.3.4") == LONGEST
    time.now += LONGEST
    assert throttle.wait("1.2.3.4") == 0


def test_a_right_token_does_not_help_to_guess_another(throttle: Throttle) -> None:
    for _ in range(FREE):
        throttle.failed("1.2.3.4")
        throttle.succeeded("1.2.3.4")

    assert throttle.wait("1.2.3.4") == 1


def test_an_hour_forgives(throttle: Throttle, time: Time) -> None:
    fail(throttle, FREE)
    time.now += 60 * WINDOW
    throttle.failed("1.2.3.4")

    assert throttle.wait("1.2.3.4") == 0


def test_many_addresses_together_let_new_ones_wait_but_not_those_that_are_known(throttle: Throttle, time: Time) -> None:
    throttle.succeeded("9.9.9.9")
    fail(throttle, CROWD, lambda number: f"10.0.{number}.1")

    assert throttle.wait("1.2.3.4") == WINDOW
    assert throttle.wait("9.9.9.9") == 0
    time.now += WINDOW
    assert throttle.wait("1.2.3.4") == 0


def test_the_memory_is_bounded(throttle: Throttle, time: Time) -> None:
    fail(throttle, FREE)
    fail(throttle, 10_000, str)
    time.now += WINDOW
    throttle.failed("1.2.3.4")

    assert throttle.wait("1.2.3.4") == 0
