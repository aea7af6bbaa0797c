"""How long to wait before something that failed is tried again."""

from __future__ import annotations

import hashlib
from datetime import timedelta

_SPREAD = 0.25  # of a wait, so that what failed together does not come back together


def wait_before(attempt: int, first: timedelta, longest: timedelta, salt: str) -> timedelta:
    """Return the wait after an attempt, counted from 1: ``first``, then twice as long each time, up to ``longest``.

    It is shorter by up to a quarter, which the salt decides: the same for one salt and attempt, spread over many.
    """
    wait = min(first * (1 << min(max(0, attempt - 1), 30)), longest)
    return wait * (1 - _SPREAD * _fraction(f"{salt} {attempt}"))


def _fraction(salt: str) -> float:
    """Return a number from 0 to 1 that the text alone decides."""
    return int.from_bytes(hashlib.sha256(salt.encode()).digest()[:4]) / 2**32
