"""Notices that the machine's clock was set, and has the timetable go by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

import structlog

from connector.daemon.timetable import Timetable
from connector.ports import Clock
from connector.telemetry.clock import SystemClock
from connector.telemetry.steadiness import Steadiness

LOOK = 2.0  # seconds between looks
STEP = timedelta(seconds=2)  # less disturbs no schedule
_log = structlog.get_logger(__name__)


async def keep(
    timetable: Timetable,
    clock: Clock | None = None,
    steady: Callable[[], float] = monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Look at the clock until cancelled. The scheduler itself sleeps until its next start."""
    seen = Steadiness(clock or SystemClock(), steady, STEP)
    while True:
        await sleep(LOOK)
        if step := seen.step():
            timetable.shift(step)
            _log.warning("the clock of this machine was set", seconds=round(step.total_seconds(), 1))
