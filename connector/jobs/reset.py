"""Forgetting how far a stream was read, so that the next pass reads it from its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog

from connector.jobs.runner import Runner
from connector.jobs.scopes import jobs_of
from connector.store import cursors

_log = structlog.get_logger(__name__)


async def reset(runner: Runner, stream: str, scopes: Sequence[str], operator: str) -> None:
    """Forget the cursors of a stream when no job reads it: one under way would write its cursor back.

    Raises Refused when a job does not end in time.
    """
    async with AsyncExitStack() as turns:
        for job in jobs_of(stream):
            await turns.enter_async_context(runner.turn(job))
        async with runner.chain.database.write() as connection:
            for scope in scopes:
                await cursors.forget(connection, stream, scope)
    _log.info("a cursor was reset", stream=stream, of=list(scopes), operator=operator)
