"""Delivers in forks of one process that imported everything once, at a moment that is told, until they are killed.

Run as a script: each line of standard input is a job ``{"channel", "url", "database", "moment"}``. It is answered by
the fork's process id at once and by how it ended: 0 when every message is at rest, 3 when some are not, -9 when it was
killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

AT_REST, MORE, KILLED = 0, 3, -9


@dataclass(frozen=True, slots=True)
class Sender:
    """The parent of the forks, as a test holds it."""

    process: asyncio.subprocess.Process

    async def start(self, **job: Any) -> int:
        """Start a sender; return its process id."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        return await self._told()

    async def ended(self) -> int:
        """Wait for the sender's end; return how it came."""
        return await self._told()

    async def _told(self) -> int:
        assert self.process.stdout
        return int(await self.process.stdout.readline())


@asynccontextmanager
async def sender() -> AsyncIterator[Sender]:
    """Give a parent of forks."""
    pipe = asyncio.subprocess.PIPE
    words = [sys.executable, "-m", "tests.acceptance.senders"]
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[2])
    yield Sender(process)
    await process.communicate(b"")


def serve() -> None:
    """Do one job after another; the end of standard input is the end."""
    import aiosqlite  # noqa: F401  # what a fork needs, imported once
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite.aiosqlite  # noqa: F401

    from connector.telemetry import logging
    from tests import dialects
    from tests.acceptance import marathon  # noqa: F401

    logging.configure(level="CRITICAL")
    dialects.share()
    _rehearse()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        print(child, flush=True)  # noqa: T201  # the answer
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _rehearse() -> None:
    """Deliver once to nobody, so that what a fork says to SQLite is compiled already."""
    from connector.store.engine import Database
    from connector.store.tables import metadata
    from tests.acceptance.filed import FILED_AT, credits_for, file
    from tests.acceptance.marathon import KINDS
    from tests.integration.earning.chain import HandClock, chain_for

    channel = "createEvent"
    nobody = KINDS[channel].opened("http://127.0.0.1:9", KINDS[channel].secret)

    async def rehearse(url: str) -> None:
        database = Database(url)
        async with database.write() as connection:
            await connection.run_sync(metadata.create_all)
        credits_ = credits_for(nobody.name, KINDS[channel].member[:-4], 2)
        await file(database, chain_for(database, HandClock()), nobody, credits_)
        await nobody.aclose()
        await database.aclose()
        await _deliver(channel, "http://127.0.0.1:9", url, FILED_AT.isoformat())

    with TemporaryDirectory() as folder:
        asyncio.run(rehearse(f"sqlite:///{folder}/rehearsal.db"))


def _become(job: dict[str, str]) -> None:
    code = 1
    try:
        code = asyncio.run(_deliver(**job))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


async def _deliver(channel: str, url: str, database: str, moment: str) -> int:
    """Send what is due at a moment; the time stands still, so that a sender never sees another's lease end."""
    from connector.domain.ledger import State
    from connector.http.breaker import Breaker
    from connector.jobs.deliver import deliver
    from connector.store import ledger
    from connector.store.engine import Database
    from connector.store.limits import StoredBreakers
    from tests.acceptance.filed import partnership
    from tests.acceptance.marathon import KINDS
    from tests.integration.earning.chain import HandClock, chain_for

    clock, kind = HandClock(), KINDS[channel]
    clock.moment = datetime.fromisoformat(moment)
    opened, partner = Database(database), kind.opened(url, kind.secret)
    chain = replace(chain_for(opened, clock), owner=f"sender {os.getpid()}")
    await deliver(chain, partnership(partner), Breaker(partner.name, StoredBreakers(opened), clock))
    async with opened.read() as connection:
        counts = await ledger.count_by_state(connection)
    await opened.aclose()
    await partner.aclose()
    return (
        MORE
        if any(counts.get(each) for each in (State.READY, State.IN_FLIGHT, State.IN_DOUBT, State.ACCEPTED))
        else AT_REST
    )


if __name__ == "__main__":
    serve()
