"""Computing the plan for a person: it may take minutes, so it goes on while pages are shown."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from connector.bootstrap import App
from connector.domain.plan import lines
from connector.errors import ConnectorError
from connector.jobs.previewing import preview
from connector.store import outlooks
from connector.store.outlooks import Outlook
from connector.telemetry.redact import scrub

PATIENCE = 3.0  # seconds that one who asks waits for a quick one
_log = structlog.get_logger(__name__)


class Planner:
    """At most one computation at a time in this process."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self.since: datetime | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether a plan is being computed."""
        return self._task is not None and not self._task.done()

    async def compute(self, app: App, operator: str) -> None:
        """Begin to compute the plan, unless that is under way; wait a little for its end."""
        if not self.is_busy:
            self.since = app.chain.clock.now()
            self._task = asyncio.create_task(_computed(app, operator))
            self._task.add_done_callback(_told)
        assert self._task is not None  # noqa: S101  # it was just made
        await asyncio.wait([self._task], timeout=PATIENCE)

    async def ended(self) -> None:
        """Wait until nothing is computed any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def aclose(self) -> None:
        """Give up what is under way."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
        await self.ended()


async def _computed(app: App, operator: str) -> None:
    began = app.chain.clock.now()
    try:
        found = await preview(app.runner)
    except ConnectorError as error:
        outlook = Outlook(began, operator, fault=scrub(str(error)))
    else:
        outlook = Outlook(
            at=began,
            by=operator,
            lines=tuple((line.text, line.tone) for line in lines(found.plan)),
            remarks=(*found.left_alone, *found.warnings, *found.faults),
            plan_id=found.plan.plan_id,
            allowed=found.verdict.allowed,
            sentence=found.verdict.sentence,
        )
    async with app.database.write() as connection:
        await outlooks.save(connection, outlook)


def _told(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("the plan could not be computed", reason=type(error).__name__, exc_info=error)
