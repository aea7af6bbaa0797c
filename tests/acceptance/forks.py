"""Runs the command in forks of one process that imported everything once, and kills them where it is told to.

Run as a script: each line of standard input is a job, the fields of ``Job``; each is answered by a line
``{"code", "peak_mib", "cpu", "seconds"}``, a negative code being the signal that ended the command. What a *point* is
says ``points``; ``kill_at`` counts from 1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PRINTED = ("output", "errors", "points")


@dataclass(frozen=True)
class Job:
    """One command: its death, and the world that it finds.

    It is killed at the ``kill_at``-th point that is like ``counting`` (0: at none), or after ``kill_after`` seconds,
    whichever comes first. Where ``clock`` names the endpoint that moves Mews's clock, its own is ``ahead`` seconds
    before this machine's, and it moves both instead of waiting between jobs. Where ``cut`` names a PostgreSQL database,
    the server ends the connections to it at the point, and the command lives on. With ``narrow`` pages and batches are
    small, so that there are several; with ``statements`` each statement to the database is a point too.
    """

    arguments: list[str]
    out: str
    kill_at: int = 0
    counting: str = ".*"
    kill_after: float = 0.0
    ahead: float = 0.0
    clock: str = ""
    cut: str = ""
    narrow: bool = False
    statements: bool = False


@dataclass(frozen=True)
class Ended:
    """How one command ended, what it printed, and the points that it passed unless it was killed."""

    code: int
    peak_mib: float
    cpu: float
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
            [sys.executable, "-m", "tests.acceptance.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).parents[2],
        )

    def run(self, config: Path, *words: str, **fate: Any) -> Ended:
        """Run a command to its end, or to its death; ``fate`` are fields of ``Job``."""
        told = self._told(Job(["--config", str(config), *words], str(self._home), **fate))
        output, errors, points = ((self._home / name).read_text() for name in PRINTED)
        return Ended(**told, output=output, errors=errors, points=points.splitlines())

    def rehearse(self, config: Path, *words: str) -> None:
        """Run a command in the parent itself: what it imports and compiles, no fork has to do again."""
        self._told(Job(["--config", str(config), *words], str(self._home)), rehearsal=True)

    def _told(self, job: Job, *, rehearsal: bool = False) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"rehearsal": rehearsal, **asdict(job)}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

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
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        asked = json.loads(line)
        work = _rehearsed if asked.pop("rehearsal") else _forked
        print(json.dumps(work(Job(**asked))), file=answers, flush=True)


def _import_everything() -> None:
    import aiosqlite  # noqa: F401

    import connector.bootstrap
    import connector.cli.app
    import connector.cli.session
    import connector.daemon
    import connector.settings  # noqa: F401


def _rehearsed(job: Job) -> dict[str, Any]:
    """Run it here; its event loop is closed at the end, so that no thread is left when others are forked."""
    from tests import dialects

    dialects.share()
    _speak_to(job)
    return {"code": _ended_code(job)}


def _forked(job: Job) -> dict[str, Any]:
    began = time.monotonic()
    child = os.fork()
    if not child:
        _become(job)
    doom = threading.Timer(job.kill_after, os.kill, (child, signal.SIGKILL)) if job.kill_after else None
    if doom:
        doom.start()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # its number stays its own until nobody aims at it
    if doom:
        doom.cancel()
        doom.join()
    _, status, usage = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "peak_mib": usage.ru_maxrss / 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
        "seconds": time.monotonic() - began,
    }


def _become(job: Job) -> None:
    """Be the command: its arguments, its files, its world, and a death that it does not see coming."""
    from tests.acceptance import points

    _speak_to(job)
    written = Path(job.out) / "points"
    written.write_text("")
    passed = points.watch(job)
    code = 1
    try:
        code = _ended_code(job)
    finally:
        written.write_text("\n".join(passed))
        os._exit(code)


def _speak_to(job: Job) -> None:
    """Let the files of the job be standard output and errors."""
    for number, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(Path(job.out) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)


def _ended_code(job: Job) -> int:
    """Run the command; return the exit code that it would have."""
    from connector.__main__ import main

    sys.argv = ["loyalty-connector", *job.arguments]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve()
