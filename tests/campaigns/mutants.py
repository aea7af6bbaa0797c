"""Mutation testing of the domain: how many small faults in it are found by its own tests.

``python -m tests.campaigns.mutants [quick|nightly]``: a sample, or all of them. A fault that nobody could notice stands
in ``equivalent.toml`` with the reason, and counts neither way.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.acceptance.road import say
from tests.campaigns.figures import Figure, Profile, ran

BAR = 0.90
_ROOT = Path(__file__).parents[2]
_SAMPLE = 150  # of more than two thousand: what a minute has room for


def equivalent() -> dict[str, str]:
    """Return the faults that change nothing that anybody could notice, and why."""
    return dict(tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8")))


def verdicts(*words: str) -> dict[str, str]:
    """Judge mutants in a process of their own; by name "killed", "survived", "uncovered" or "killed by its limit"."""
    command = [sys.executable, "-m", "tests.campaigns.executions", *words]
    judged = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return {each["name"]: each["verdict"] for each in map(json.loads, judged.stdout.splitlines())}


def score(found: Mapping[str, str]) -> tuple[int, int]:
    """Return how many were found out, and of how many that could be."""
    counted = [verdict for name, verdict in found.items() if name not in equivalent()]
    return sum(verdict.startswith("killed") for verdict in counted), len(counted)


def by_module(found: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each module, then one for each fault that its tests did not notice."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    counted = {name: verdict for name, verdict in found.items() if name not in equivalent()}
    for name, verdict in counted.items():
        modules[name.split(" | ")[0].split(" → ")[0].split(".")[1]][verdict.startswith("killed")] += 1
    for module, counts in sorted(modules.items()):
        yield f"{module:16} {counts[True]:4} of {counts.total():4}  {counts[True] / counts.total():4.0%}"
    yield from (f"{verdict}: {name}" for name, verdict in sorted(counted.items()) if not verdict.startswith("killed"))


def campaign(profile: Profile) -> Iterable[Figure]:
    """Judge a sample, or all; nightly, say for each module how it stands, and what was not noticed."""
    found = verdicts(*(("--sample", str(_SAMPLE)) if profile == "quick" else ()))
    if profile == "nightly":
        for line in by_module(found):
            say(line)
    killed, counted = score(found)
    what = f"{killed:,} of {counted:,} faults noticed, {killed / counted:.1%}"
    yield Figure(
        "small faults in connector/domain are noticed by its tests", what, f"≥ {BAR:.0%}", killed >= BAR * counted
    )


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
