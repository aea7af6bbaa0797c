"""``sync`` killed at any request or commit, then run again, ends as if nothing had happened."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.chains import chain, load
from tests.acceptance.endings import duplicates, ending
from tests.acceptance.forks import Forks
from tests.acceptance.road import say, variables

SPREAD, DANGEROUS = 10, 10  # kills anywhere, and kills that leave the answer to a write unread
WRITE = re.compile(r"after (/|\S+/(add|update|post))$")


@dataclass(frozen=True)
class Rehearsal:
    """A small chain to start from, and how a run that nobody kills ends."""

    state: Path
    forks: Forks
    points: list[str]
    ending: dict[str, Any]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Load the chain once, run once without a kill, and count the points at which one could come."""
    home = tmp_path_factory.mktemp("crash")
    loaded = load(home / "loaded")
    with Forks(home / "forks", variables()) as forks:
        with chain(loaded, home / "unkilled") as road:
            done = forks.run(road.config, "sync", "--json")
            assert done.code == 0, done.errors
            found = ending(road, done.json)
        assert found["partners"]["miles_and_more"]
        assert found["partners"]["air_miles"]
        yield Rehearsal(loaded, forks, done.points, found)


@pytest.mark.parametrize("case", range(SPREAD + DANGEROUS))
def test_a_killed_sync_is_finished_by_the_next_one(
    case: int, rehearsal: Rehearsal, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = getattr(request.config.option, "randomly_seed", 0)
    kill_at = _point(case, rehearsal.points, seed)
    with chain(rehearsal.state, tmp_path / "killed") as road:
        killed = rehearsal.forks.run(road.config, "sync", "--json", kill_at=kill_at)
        say(f"seed {seed}: point {kill_at} of {len(rehearsal.points)}, {killed.errors}")
        assert killed.code == -9
        after = rehearsal.forks.run(road.config, "sync", "--json")
        say(f"then {after.seconds:.1f} s: {after.output} {after.errors}")
        assert after.code == 0
        assert duplicates(road) == []
        assert ending(road, after.json) == rehearsal.ending
        assert rehearsal.forks.run(road.config, "db", "check").code == 0


def _point(case: int, points: list[str], seed: int) -> int:
    """Return a point in the case's share of the run, or of its writes: together the cases are spread over all of it."""
    surely = len(points) * 95 // 100  # runs differ by some points: what is sent side by side is grouped by chance
    writes = [place for place, point in enumerate(points[:surely], start=1) if WRITE.fullmatch(point)]
    if case < SPREAD:
        return _one_of(list(range(1, surely)), case, SPREAD, seed)
    return _one_of(writes, case - SPREAD, DANGEROUS, seed)


def _one_of(points: list[int], share: int, shares: int, seed: int) -> int:
    first, last = len(points) * share // shares, len(points) * (share + 1) // shares
    return random.Random(f"{seed}:{shares}:{share}").choice(points[first:last])
