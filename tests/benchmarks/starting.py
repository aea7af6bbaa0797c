"""How long the commands take to start, and what an idle daemon weighs, beside a bare import of the dependencies.

Run as ``python -m tests.benchmarks.starting [quick|nightly]``. All processes take turns, and figures are medians: of
the processors' seconds, because the machine may do other things meanwhile; those of the clock are printed beside them.
The daemon serves the console, on a database of this version.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from tests.acceptance.chains import chain, load
from tests.acceptance.road import ROOT, Road, variables
from tests.benchmarks.contest import ROUNDS
from tests.campaigns.figures import Figure, Profile, ran

IDLE = 130  # MiB
STILL_AT_WORK = "SELECT 5 - count(DISTINCT job) FROM job_run WHERE ended_at IS NOT NULL"  # each job once
#: What the program depends on at run time, but for what only the sandbox needs.
DEPENDENCIES = (
    *("aiosqlite", "alembic", "apscheduler.schedulers.asyncio", "babel", "httpx", "jinja2", "msgspec", "multipart"),
    *("prometheus_client", "pydantic_settings", "rich", "sqlalchemy.ext.asyncio", "sqlmodel", "starlette.applications"),
    *("structlog", "typer", "uvicorn", "websockets"),
)
NOBODY = dict.fromkeys(("mews", "uplyft", "airmiles", "qiibee", "lufthansa"), "http://127.0.0.1:9")


@dataclass(slots=True)
class Series:
    """The runs of one thing: seconds of its processor and of the clock. The bar is a ratio to the yardstick's."""

    name: str
    run: Callable[[], tuple[float, float]]
    bar: float
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def again(self) -> None:
        """Run once more."""
        cpu, wall = self.run()
        self.cpu.append(cpu)
        self.wall.append(wall)

    def figure(self, yardstick: Series) -> Figure:
        """Judge it beside the yardstick."""
        cpu, wall = (median(getattr(self, each)) / median(getattr(yardstick, each)) for each in ("cpu", "wall"))
        figure = (
            f"{cpu:.2f} of a bare import of the dependencies ({median(self.cpu):.2f} s against "
            f"{median(yardstick.cpu):.2f} s of CPU; {wall:.2f} by the clock)"
        )
        return Figure(self.name, figure, f"at most {self.bar} by CPU", cpu <= self.bar)


def campaign(profile: Profile) -> Iterator[Figure]:
    """Start everything in turns and judge."""
    with tempfile.TemporaryDirectory() as scratch:
        road = _road(Path(scratch))
        imports = Series("a bare import of the dependencies", lambda: _ended([sys.executable, "-c", _imports()]), 1)
        series = [
            Series("`--help` starts fast", lambda: _ended(road.command("--help")), 0.6),
            Series("`config check` starts fast", lambda: _ended(road.command("config", "check")), 0.6),
            Series("`run` is ready soon after its start", lambda: _ready(road), 1.6),
        ]
        for _ in range(ROUNDS[profile]):
            for each in (imports, *series):
                each.again()
        yield from (each.figure(imports) for each in series)
        with chain(load(Path(scratch) / "loaded"), Path(scratch) / "town") as town:
            weight = _idle(town)
    yield Figure("An idle daemon is small", f"{weight:.0f} MiB resident", f"at most {IDLE} MiB", weight <= IDLE)


def _imports() -> str:
    return f"import {', '.join(DEPENDENCIES)}"


def _road(home: Path) -> Road:
    """Write a configuration that reaches nobody, and make its database."""
    members = home / "members.csv"
    members.write_text("member_id,tier\n")
    road = Road.written(home, NOBODY, members)
    _serves(road)
    done = road.run("db", "upgrade")
    assert done.code == 0, done.errors
    return road


def _serves(road: Road) -> str:
    """Let the daemon serve the console at a free port; return its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    road.config.write_text(f'{road.config.read_text()}\n[web]\nlisten = "{listen}"\n')
    return f"http://{listen}"


def _ended(command: list[str]) -> tuple[float, float]:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=variables(), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _ready(road: Road) -> tuple[float, float]:
    """Start the daemon; return what it took until it said that it is ready."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{folder}/notify")
        manager.settimeout(60)
        began = time.perf_counter()
        with daemon(road, NOTIFY_SOCKET=f"{folder}/notify") as running:
            try:
                while not manager.recv(4096).startswith(b"READY=1"):
                    continue
                return _processor(running.pid), time.perf_counter() - began
            finally:
                running.kill()


def _idle(road: Road) -> float:
    """Return the MiB of a daemon that has read a small chain and been asked for its figures, and waits."""
    address = _serves(road)
    assert road.run("db", "upgrade").code == 0
    with daemon(road) as running:
        try:
            while road.rows(STILL_AT_WORK) != [(0,)]:
                time.sleep(0.5)
            with urlopen(f"{address}/metrics", timeout=60) as page:
                assert b"loyalty_job_runs_total" in page.read()
            status = Path(f"/proc/{running.pid}/status").read_text()
        finally:
            running.kill()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def daemon(road: Road, **more: str) -> subprocess.Popen[bytes]:
    """Start the daemon, whose log is quiet."""
    environment = variables() | more | {"LOYALTY_LOGGING__LEVEL": "CRITICAL"}
    return subprocess.Popen(road.command("run"), env=environment, cwd=ROOT)


def _processor(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
