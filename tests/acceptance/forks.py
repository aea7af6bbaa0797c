"""Runs the command in forks of one process that imported everything once, and kills them where it is told to.

Run as a script: each line of standard input is a job ``{"arguments", "kill_at", "out"}``; each is answered by a line
``{"code", "peak_mib", "seconds"}``, a negative code being the signal that ended the command. A *point* is a moment just
before or just after a request over the network or the commit of a write; ``kill_at`` counts from 1.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PRINTED = ("output", "errors", "points")


@dataclass(frozen=True)
class Ended:
    """How one command ended, what it printed, and the points that it passed unless it was killed."""

    code: int
    peak_mib: float
    seconds: float
    output: str
    errors: str
    points: list[str]

    @property
    def json(self) -> Any:
        """Return what it printed with ``--json``."""
        return json.loads(self.output)


class Forks:
    """The parent of the forks, as a test holds it."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).parents[2],
        )

    def run(self, config: Path, *words: str, kill_at: int = 0, counting: str = ".*") -> Ended:
        """Run a command to its end, or to the point at which it is killed; only points like ``counting`` count."""
        assert self._process.stdin
        assert self._process.stdout
        job = {
            "arguments": ["--config", str(config), *words],
            "kill_at": kill_at,
            "counting": counting,
            "out": str(self._home),
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        output, errors, points = ((self._home / name).read_text() for name in PRINTED)
        return Ended(**told, output=output, errors=errors, points=points.splitlines())

    def __enter__(self) -> Self:
        """Keep it running."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.communicate()


def serve() -> None:
    """Do one job after another; the end of standard input is the end."""
    _import_everything()
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)  # noqa: T201  # the answer


def _import_everything() -> None:
    import aiosqlite  # noqa: F401

    import connector.bootstrap
    import connector.cli.app
    import connector.cli.session
    import connector.daemon
    import connector.settings  # noqa: F401


def _forked(job: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    child = os.fork()
    if not child:
        _become(job)
    _, status, usage = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "peak_mib": usage.ru_maxrss / 1024,
        "seconds": time.monotonic() - began,
    }


def _become(job: dict[str, Any]) -> None:
    """Be the command: its arguments, its files, and a death that it does not see coming."""
    for number, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(Path(job["out"]) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    written = Path(job["out"]) / "points"
    written.write_text("")
    sys.argv = ["loyalty-connector", *job["arguments"]]
    points: list[str] = []
    _watch(_reached(points, job["kill_at"], re.compile(job["counting"])))
    from connector.__main__ import main

    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        written.write_text("\n".join(points))
        os._exit(code)


def _reached(points: list[str], kill_at: int, counting: re.Pattern[str]) -> Callable[[str], None]:
    counted = 0

    def reached(where: str) -> None:
        nonlocal counted
        points.append(where)
        counted += counting.fullmatch(where) is not None
        if counted == kill_at:
            os.write(2, f"killed {where}".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _watch(reached: Callable[[str], None]) -> None:
    """Have every real request and every real commit of a write pass two points."""
    import httpx
    from sqlalchemy.engine import Connection

    send, commit = httpx.AsyncHTTPTransport.handle_async_request, Connection._commit_impl

    async def sending(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        reached(f"before {request.url.path}")
        response = await send(self, request)
        reached(f"after {request.url.path}")
        return response

    def committing(self: Connection) -> None:
        writes = self.get_execution_options().get("writes")
        if writes:
            reached("before a commit")
        commit(self)
        if writes:
            reached("after a commit")

    httpx.AsyncHTTPTransport.handle_async_request = sending  # type: ignore[method-assign]
    Connection._commit_impl = committing  # type: ignore[method-assign]


if __name__ == "__main__":
    serve()
