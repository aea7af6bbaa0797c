"""Runs daemons, and processes that only ask Mews, in forks of one process that imported everything once.

Run as a script: each line of standard input is a job with ``what`` (``run`` or ``ask``), answered by the fork's process
id. ``machine`` is the host that a fork believes to be on: so it knows nothing about the death of another one, as on
another machine, and what that held comes free when its leases are over. ``lease`` is how long they last, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any


def serve() -> None:
    """Start one fork after another; they live on until they are ended."""
    _import_everything()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        print(child, flush=True)  # noqa: T201  # the answer


def _import_everything() -> None:
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    import connector.bootstrap
    import connector.daemon  # noqa: F401
    from connector.mews.events import Socket  # noqa: F401


def _become(job: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(job["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(out, number)
    os.environ["RUNTIME_DIRECTORY"] = str(Path(job["out"]).parent)
    socket.gethostname = lambda: str(job["machine"])
    code = 1
    try:
        asyncio.run({"run": _run, "ask": _ask}[job["what"]](job))
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        os._exit(code)


async def _run(job: dict[str, Any]) -> None:
    """Be the daemon, with leases that are over soon."""
    from connector.bootstrap import application
    from connector.daemon import serve
    from connector.jobs import claiming, deliver, listening, watch
    from connector.settings import load
    from connector.telemetry import logging

    lease = timedelta(seconds=job["lease"])
    for module in (claiming, deliver, watch):
        module.LEASE = lease  # type: ignore[attr-defined]
    listening.LEASE, listening._LOOK = 5 * lease, 1.0
    settings = load(Path(job["config"]), os.environ)
    logging.configure("json", "INFO")
    async with application(settings, works=True) as app:
        app.runner.turns.lease = lease
        await serve(app)


async def _ask(job: dict[str, Any]) -> None:
    """Ask Mews again and again with one token, as often as the shared limit allows."""
    from connector.bootstrap import application
    from connector.settings import load

    loop = asyncio.get_running_loop()
    async with application(load(Path(job["config"]), os.environ)) as app:
        # with the other token first: how long the server takes to warm up is not what is measured
        await app.chain.tokens["montreal"].read("configuration/get", {})
        token, until = app.chain.tokens["wien"], loop.time() + job["seconds"]

        async def ask() -> None:
            while loop.time() < until:
                await token.read("configuration/get", {})

        await asyncio.gather(ask(), ask())


if __name__ == "__main__":
    serve()
