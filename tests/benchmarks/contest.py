"""Two ways to do one thing, measured in turns: each run is a process of its own, so that its peak of memory is too."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from types import TracebackType
from typing import Self

from tests.acceptance.road import ROOT, say

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did: records, seconds of its processor and of the clock, its peak of memory in MiB."""

    records: int
    cpu: float
    wall: float
    peak: float


class Watch:
    """Measures blocks, which add up; imports and preparations come before them."""

    def __init__(self) -> None:
        self._wall = self._cpu = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._wall -= time.perf_counter()
        self._cpu -= time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._wall += time.perf_counter()
        self._cpu += time.process_time()

    def tell(self, records: int) -> None:
        """Print the run for the process that compares."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(json.dumps(asdict(Run(records, self._cpu, self._wall, peak))))


def compare(name: str, module: str, arguments: Sequence[str], *, expected: int, bar: float | None = None) -> bool:
    """Run ``module ours …`` and ``module yardstick …`` in turns, print the figures, and tell whether the bar holds.

    Figures are medians. The bar is for records per second of the process's own CPU: what the server takes is the same
    for both.
    """
    runs: dict[str, list[Run]] = {"ours": [], "yardstick": []}
    for _ in range(ROUNDS):
        for side, done in runs.items():
            done.append(_run(module, [side, *arguments]))
    if wrong := {each.records for done in runs.values() for each in done} - {expected}:
        raise RuntimeError(f"{name}: {wrong} records were handled, {expected} were expected")
    figures = ", ".join(f"{side} {_words(done)}" for side, done in runs.items())
    cpu, wall = (_seconds(runs["yardstick"], clock) / _seconds(runs["ours"], clock) for clock in ("cpu", "wall"))
    say(f"{name}: {expected} records, {figures}; ratio {cpu:.2f} by CPU, {wall:.2f} by the clock; bar {bar or 'none'}")
    return bar is None or cpu >= bar


def _run(module: str, words: Sequence[str]) -> Run:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(done.stdout))


def _words(runs: Sequence[Run]) -> str:
    speeds = (runs[0].records / _seconds(runs, clock) for clock in ("cpu", "wall"))
    per_cpu, per_wall = (f"{speed:,.0f}" for speed in speeds)
    return f"{per_cpu} per CPU second ({per_wall} per second), {max(run.peak for run in runs):.0f} MiB"


def _seconds(runs: Sequence[Run], clock: str) -> float:
    return median(getattr(run, clock) for run in runs)
