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

SPREAD, DANGEROUS = 6, 8  # kills anywhere, and kills that leave the answer to a write unread
WRITE = r"after (/|\S+/(add|update|post))"


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
    counting = ".*" if case < SPREAD else WRITE
    kill_at = _point(case, rehearsal.points, counting, seed)
    with chain(rehearsal.state, tmp_path / "killed") as road:
        killed = rehearsal.forks.run(road.config, "sync", "--json", kill_at=kill_at, counting=counting)
        say(f"seed {seed}: point {kill_at} of those like {counting}, {killed.errors}")
        assert killed.code == -9, "the kill came"
        after = rehearsal.forks.run(road.config, "sync", "--json")
        say(f"then {after.seconds:.1f} s: {after.output} {after.errors}")
        assert after.code == 0
        assert duplicates(road) == []
        assert ending(road, after.json) == rehearsal.ending
        assert rehearsal.forks.run(road.config, "db", "check").code == 0


def _point(case: int, points: list[str], counting: str, seed: int) -> int:
    """Return a point in the case's share of the run, or of its writes: together the cases are spread over all of it."""
    if case < SPREAD:
        surely = len(points) * 90 // 100  # runs differ by some commits, which group by chance
        return _one_of(list(range(1, surely)), case, SPREAD, seed)
    writes = sum(re.fullmatch(counting, point) is not None for point in points)
    assert writes >= DANGEROUS
    return _one_of(list(range(1, writes + 1)), case - SPREAD, DANGEROUS, seed)


def _one_of(points: list[int], share: int, shares: int, seed: int) -> int:
    first, last = len(points) * share // shares, len(points) * (share + 1) // shares
    return random.Random(f"{seed}:{shares}:{share}").choice(points[first:last])
