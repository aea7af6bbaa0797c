"""Two ways to do one thing, measured in turns: each run is a process of its own, so that its peak of memory is too."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from types import TracebackType
from typing import Self

from tests.acceptance.road import ROOT, say
from tests.campaigns.figures import Figure, Profile

ROUNDS: Mapping[Profile, int] = {"quick": 3, "nightly": 5}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did: records, seconds of its processor and of the clock, its peak of memory in MiB.

    ``requests`` is how many it made, where both sides have to make the same.
    """

    records: int
    cpu: float
    wall: float
    peak: float
    requests: int | None = None


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

    def tell(self, records: int, requests: int | None = None) -> None:
        """Print the run for the process that compares."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(json.dumps(asdict(Run(records, self._cpu, self._wall, peak, requests))))


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared with what: the claim, the module that runs either side, and the least ratio, if there is a bar.

    ``module ours …`` and ``module yardstick …`` each print a run of so many records.
    """

    claim: str
    yardstick: str
    module: str
    arguments: Sequence[str]
    records: int
    bar: float | None = None

    def held(self, profile: Profile) -> Figure:
        """Run both sides in turns and judge the medians.

        The bar is for records per second of the process's own CPU: what the server takes is the same for both. The
        yardstick is the floor of the work: a ratio of 1 would be as cheap as it.
        """
        runs: dict[str, list[Run]] = {"ours": [], "yardstick": []}
        for _ in range(ROUNDS[profile]):
            for side, done in runs.items():
                done.append(_run(self.module, [side, *self.arguments]))
        if wrong := {each.records for done in runs.values() for each in done} - {self.records}:
            raise RuntimeError(f"{self.claim}: {wrong} records were handled, {self.records} were expected")
        if len(requests := {each.requests for done in runs.values() for each in done}) > 1:
            raise RuntimeError(f"{self.claim}: the two sides made different numbers of requests: {requests}")
        cpu, wall = (_seconds(runs["yardstick"], clock) / _seconds(runs["ours"], clock) for clock in ("cpu", "wall"))
        figure = (
            f"{cpu:.2f} of {self.yardstick} ({_speed(runs['ours'])} against {_speed(runs['yardstick'])} "
            f"per CPU second, {self.records:,} records; {wall:.2f} by the clock; "
            f"{max(run.peak for run in runs['ours']):.0f} MiB)"
        )
        bar = "none: watched" if self.bar is None else f"at least {self.bar} by CPU; the floor is 1"
        return Figure(self.claim, figure, bar, self.bar is None or cpu >= self.bar)


def _run(module: str, words: Sequence[str]) -> Run:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(done.stdout))


def _speed(runs: Sequence[Run]) -> str:
    return f"{runs[0].records / _seconds(runs, 'cpu'):,.0f}"


def _seconds(runs: Sequence[Run], clock: str) -> float:
    return median(getattr(run, clock) for run in runs)
