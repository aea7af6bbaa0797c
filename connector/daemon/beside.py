"""What the daemon does beside the jobs: a database that does not answer is told once, and once that it does again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from connector.store.faults import FAILURES, store_fault

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Beside:
    """Work that comes again every few seconds; what is no fault of the database is the scheduler's to tell."""

    what: str
    work: Callable[[], Awaitable[object]]
    _fault: str = ""

    async def do(self) -> None:
        """Do it once."""
        try:
            await self.work()
        except FAILURES as error:
            fault = store_fault(error)
            if not fault:
                raise
            if fault != self._fault:
                _log.error("what the daemon does beside the jobs failed", what=self.what, error=fault)
            self._fault = fault
            return
        if self._fault:
            _log.info("what the daemon does beside the jobs works again", what=self.what)
        self._fault = ""
