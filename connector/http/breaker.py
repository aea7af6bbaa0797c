"""A circuit breaker: a remote system that fails is left alone for a while, by every process.

Its state lies in the store and changes by compare-and-swap, so that after each cool-down exactly one request,
the probe, finds out whether the other side is back, however many wait.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from connector.errors import ConnectorError, NotSent, Retryable
from connector.ports import BreakerState, BreakerStore, Clock

_log = structlog.get_logger(__name__)

_CLOSED = BreakerState()
_LONGEST_REST = timedelta(days=1)  # what an answer may ask for


class CircuitOpen(NotSent):
    """The remote system is left alone for ``after`` seconds; nothing was sent."""


@dataclass(slots=True)
class Passage:
    """One request through a circuit; set ``failed`` when its answer says that the other side is down."""

    failed: bool = False


class Breaker:
    """The circuit of one remote system.

    It opens after ``threshold`` failures in a row; the pause doubles with each failed probe, from
    ``cool_down`` up to ``longest``. A probe that never reports is replaced after ``probe_lease``. A circuit
    seen closed is trusted for ``trust``, so that not every request reads the store.
    """

    def __init__(
        self,
        key: str,
        store: BreakerStore,
        clock: Clock,
        *,
        threshold: int = 5,
        cool_down: timedelta = timedelta(seconds=30),
        longest: timedelta = timedelta(minutes=15),
        probe_lease: timedelta = timedelta(minutes=5),
        trust: timedelta = timedelta(seconds=1),
    ) -> None:
        self._key = key
        self._store = store
        self._clock = clock
        self._threshold = threshold
        self._cool_down = cool_down
        self._longest = longest
        self._probe_lease = probe_lease
        self._trust = trust
        self._clean_until: datetime | None = None

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[Passage]:
        """Run one request: a Retryable error of the block is a failure, another error none.

        Raises CircuitOpen instead when the circuit is.
        """
        probe, passage = await self.before(), Passage()
        try:
            yield passage
        except Retryable:
            await self.failure(probe)
            raise
        except ConnectorError:
            await self.success()
            raise
        await (self.failure(probe) if passage.failed else self.success())

    async def before(self) -> str | None:
        """Ask to send; return the name of the probe if this request is one, or raise CircuitOpen."""
        if self._clean_until and timedelta(0) < self._clean_until - self._clock.now() <= self._trust:
            return None
        state = await self._store.read(self._key)
        if state.opened_at is None:
            self._remember(state)
            return None
        return await self._become_probe(state)

    async def success(self) -> None:
        """Tell that the other side answered: the circuit closes."""
        if self._clean_until is None and (await self._change(lambda _: _CLOSED)).opened_at is not None:
            _log.info("circuit closed", remote=self._key)
        self._remember(_CLOSED)

    async def failure(self, probe: str | None = None) -> None:
        """Tell that the other side did not work; ``probe`` is what ``before`` returned."""
        self._clean_until = None
        before = await self._change(lambda state: self._failed(state, probe))
        if before.opened_at is None and before.failures + 1 >= self._threshold:
            _log.warning("circuit opened", remote=self._key, failures=before.failures + 1)

    async def trip(self, probe: str | None = None) -> None:
        """Open the circuit at once: the other side said that nothing more would work; ``probe`` as for ``failure``."""
        self._clean_until = None
        before = await self._change(lambda state: self._tripped(state, probe))
        if before.opened_at is None:
            _log.warning("circuit opened", remote=self._key)

    def _tripped(self, state: BreakerState, probe: str | None) -> BreakerState:
        if state.opened_at is None:
            return BreakerState(failures=self._threshold, opened_at=self._clock.now())
        return self._failed(state, probe)

    async def rest(self, pause: timedelta) -> None:
        """Open the circuit at once: the other side asks to be left alone for so long."""
        self._clean_until = None
        # as if it had opened so late that its cool-down ends with the pause
        opened = BreakerState(failures=self._threshold, opened_at=self._clock.now() + pause - self._cool_down)
        if (await self._change(lambda _: opened)).opened_at is None:
            _log.warning("circuit opened", remote=self._key, pause=pause.total_seconds())

    def _failed(self, state: BreakerState, probe: str | None) -> BreakerState:
        failures = state.failures + 1
        if state.opened_at is None:
            opened_at = self._clock.now() if failures >= self._threshold else None
            return BreakerState(failures=failures, opened_at=opened_at)
        if probe is None or probe != state.probe_owner:
            return state  # it was under way when the circuit opened, and says nothing new
        return BreakerState(failures=failures, opened_at=self._clock.now())

    async def _become_probe(self, state: BreakerState) -> str:
        wait = self._until_probe(state)
        probe = replace(state, probe_at=self._clock.now(), probe_owner=str(uuid.uuid4()))
        if wait > timedelta(0) or not await self._store.swap(self._key, state, probe):
            seconds = max(1.0, wait.total_seconds())
            message = f"{self._key} failed repeatedly and is left alone for {seconds:.0f} s."
            raise CircuitOpen(message, after=seconds)
        return str(probe.probe_owner)

    def _until_probe(self, state: BreakerState) -> timedelta:
        """Return how long nothing is sent; not longer than any pause when the clock was set back meanwhile."""
        now = self._clock.now()
        if state.probe_at is not None:
            return min(state.probe_at + self._probe_lease - now, self._probe_lease)
        return min((state.opened_at or now) + self._pause(state.failures) - now, _LONGEST_REST)

    def _pause(self, failures: int) -> timedelta:
        doublings = min(max(0, failures - self._threshold), 20)
        return min(self._cool_down * (1 << doublings), self._longest)

    async def _change(self, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        """Apply a step to the stored state, whoever else writes; return the state before it."""
        while True:
            state = await self._store.read(self._key)
            after = step(state)
            if after == state or await self._store.swap(self._key, state, after):
                return state
            await asyncio.sleep(0)

    def _remember(self, state: BreakerState) -> None:
        self._clean_until = self._clock.now() + self._trust if state == _CLOSED else None
