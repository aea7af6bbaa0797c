"""A daemon in this process: real settings, store, scheduler and signals; the work of the jobs is told by the test."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connector.bootstrap import App, application
from connector.daemon import serve
from connector.jobs.report import JobReport
from connector.jobs.runner import Runner
from connector.settings import load
from tests.logs import untouched_logging

PATIENCE = 20  # seconds for what takes a fraction of one
SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "client-token-of-the-tests",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "access-token-of-the-tests",
}
# without a scheme and partners the jobs have nothing to do, and ask nobody
PLAIN = """\
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "http://127.0.0.1:9"
[mews.properties.wien]
"""

Work = Callable[[JobReport], Awaitable[None]]


async def nothing(report: JobReport) -> None:
    """Work that is done at once."""


@dataclass(slots=True)
class Rehearsed(Runner):
    """A runner whose jobs do what a test says; ``ran`` are those that ended."""

    works: dict[str, Work] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def _job(self, name: str) -> Work:
        async def work(report: JobReport) -> None:
            await self.works.get(name, nothing)(report)
            self.ran.append(name)

        return work


def rehearsed(runner: Runner, **works: Work) -> Rehearsed:
    """Return a runner on the same store whose jobs do something else."""
    return Rehearsed(runner.chain, None, [], {}, [], works=works)


@asynccontextmanager
async def opened(home: Path, text: str = PLAIN) -> AsyncIterator[App]:
    """Open an application that holds the lock, from a configuration file in ``home``."""
    home.joinpath("connector.toml").write_text(text)
    with untouched_logging():
        async with application(load(home / "connector.toml", SECRETS), works=True) as app:
            yield app


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[asyncio.Task[None]]:
    """Let the daemon run meanwhile, and end it where the test did not."""
    task = asyncio.create_task(serve(app))
    try:
        yield task
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, PATIENCE)


async def until(true: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # nothing tells of it: the daemon's state is looked at from outside
            await asyncio.sleep(0.005)
