"""The points at which a command may be killed, and the world that it finds, put around the real code of its process.

A point is a moment just before or after the commit of a write, the renaming of a file, or a request: before it leaves,
when it is on the wire, and when its answer has begun to arrive. Where statements are points too, also before each.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.acceptance.posts import post

if TYPE_CHECKING:
    from tests.acceptance.forks import Job

PAGE, PAGES, ITEMS = 4, 2, 3  # of a narrow world: records of a page, pages stored together, items of a batch
_SENT = "http11.send_request_body.complete"


def watch(job: Job) -> list[str]:
    """Put points into this process; return the list that fills as they are passed."""
    passed: list[str] = []
    end = partial(_cut, job.cut) if job.cut else _die
    reached = _reached(passed, job.kill_at, re.compile(job.counting), end)
    _watch_requests(reached)
    _watch_renames(reached)
    _watch_commits(reached)
    if job.statements:
        _watch_statements(reached)
    if job.narrow:
        _narrow()
    if job.clock:
        _hurry(job.ahead, job.clock)
    return passed


def _reached(
    passed: list[str], kill_at: int, counting: re.Pattern[str], end: Callable[[str], None]
) -> Callable[[str], None]:
    counted = 0

    def reached(where: str) -> None:
        nonlocal counted
        passed.append(where)
        counted += counting.fullmatch(where) is not None
        if counted == kill_at:
            counted += 1  # once
            end(where)

    return reached


def _die(where: str) -> None:
    os.write(2, f"killed {where}".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _cut(database: str, where: str) -> None:
    """Let the server end every connection to a database but the one that says so."""
    import psycopg

    os.write(2, f"cut {where}\n".encode())
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def _watch_renames(reached: Callable[[str], None]) -> None:
    rename = Path.rename

    def renaming(self: Path, target: Any) -> Path:
        reached("before a renaming")
        renamed = rename(self, target)
        reached("after a renaming")
        return renamed

    Path.rename = renaming  # type: ignore[assignment, method-assign]


def _watch_requests(reached: Callable[[str], None]) -> None:
    import httpx

    send = httpx.AsyncHTTPTransport.handle_async_request

    async def sending(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        named = f"{request.method} {request.url.path}"

        async def traced(event: str, _: Any) -> None:
            if event == _SENT:
                reached(f"sent {named}")

        request.extensions = {**request.extensions, "trace": traced}
        reached(f"before {named}")
        response = await send(self, request)
        reached(f"after {named}")
        return response

    httpx.AsyncHTTPTransport.handle_async_request = sending  # type: ignore[method-assign]


def _watch_commits(reached: Callable[[str], None]) -> None:
    """Watch the commits of what is opened for writing, on both engines."""
    from sqlalchemy.engine import Connection

    from connector.store.engine import Database

    commit, write = Connection._commit_impl, Database.write

    def committing(self: Connection) -> None:
        writes = self.get_execution_options().get("writes")
        if writes:
            reached("before a commit")
        commit(self)
        if writes:
            reached("after a commit")

    @asynccontextmanager
    async def writing(self: Database, *, fenced: bool = True) -> AsyncIterator[Any]:
        async with write(self, fenced=fenced) as connection:
            yield await connection.execution_options(writes=True)

    Connection._commit_impl = committing  # type: ignore[method-assign]
    Database.write = writing  # type: ignore[method-assign]


def _watch_statements(reached: Callable[[str], None]) -> None:
    from sqlalchemy import Engine, event

    def executing(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        reached(f"before {' '.join(statement.split()[:3])}")

    event.listen(Engine, "before_cursor_execute", executing)


def _narrow() -> None:
    """Let there be several pages of every stream, and several batches of writes."""
    from connector.jobs import streams
    from connector.mews import batches, client, pages

    streams.TOGETHER = PAGES
    batches.BatchSize.__init__.__defaults__ = (ITEMS, 0)  # type: ignore[misc]
    walk = pages.walk

    def walked(*given: Any, count: int, **more: Any) -> Any:
        return walk(*given, count=min(count, PAGE), **more)

    client.walk = walked  # type: ignore[assignment]


def _hurry(ahead: float, clock: str) -> None:
    """Let this process live later, and what it waits for between its jobs be there at once, for Mews too."""
    from connector.jobs.runner import Runner
    from connector.telemetry.clock import SystemClock

    pause = Runner._pause

    async def paused(self: Runner, again: Sequence[str]) -> float:
        nonlocal ahead
        ahead += await pause(self, again)
        post(clock, {"offset_seconds": ahead})
        return 0

    Runner._pause = paused  # type: ignore[method-assign]
    SystemClock.now = lambda _: datetime.now(UTC) + timedelta(seconds=ahead)  # type: ignore[method-assign]
