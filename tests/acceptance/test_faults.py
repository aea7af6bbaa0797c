"""Whatever goes wrong on the way, ``sync`` arrives where it arrives without faults, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.chains import chain, load
from tests.acceptance.endings import duplicates, ending
from tests.acceptance.forks import Forks
from tests.acceptance.road import Road, get, say, variables

READING = (
    "mews:configuration/get=drop,times=1",
    "mews:services/getAll=500,times=1",
    "mews:customers/getAll=408,times=1",
    "mews:loyaltyMemberships/getAll=garbage,times=1",
    "mews:reservations/getAll/2023-06-06=429,times=2,header.Retry-After=1",
    "mews:orderItems/getAll=408,times=2",
    "mews:orderItems/getAll=503,times=1,header.Retry-After=1",
)
WRITING = (
    "mews:loyaltyPrograms/add=lose,times=1",
    "mews:loyaltyTiers/add=garbage,times=1",
    "mews:loyaltyMemberships/add=lose,times=1",
    "mews:loyaltyMemberships/update=lose,times=1",
    "mews:loyaltyMemberships/update=429,times=1,header.Retry-After=1",
)
NOT_WRITTEN = (
    "mews:loyaltyPrograms/add=drop,times=1",
    "mews:loyaltyTiers/add=500,times=1",
    "mews:loyaltyMemberships/add=drop,times=1",
    "mews:loyaltyMemberships/update=500,times=1",
)
PARTNERS = (
    "uplyft:createEvent=lose,times=1",
    "uplyft:createEvent=garbage,times=1",
    "uplyft:createEvent=503,times=1",
    "airmiles:token=500,times=1",
    "airmiles:post=lose,times=1",
    "airmiles:post=drop,times=1",
)


@dataclass(frozen=True)
class Calm:
    """A chain, and how a run without faults ends."""

    loaded: Path
    forks: Forks
    ending: dict[str, Any]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calm]:
    home = tmp_path_factory.mktemp("calm")
    loaded = load(home / "loaded")
    with Forks(home / "forks", variables()) as forks:
        with chain(loaded, home / "calm") as road:
            done = forks.run(road.config, "sync", "--json")
            assert done.code == 0, done.errors
            found = ending(road, done.json)
        yield Calm(loaded, forks, found)


@pytest.mark.parametrize("faults", [READING, WRITING, NOT_WRITTEN], ids=["reading", "writing", "not_written"])
def test_faults_of_mews_leave_no_trace(faults: tuple[str, ...], calm: Calm, tmp_path: Path) -> None:
    with chain(calm.loaded, tmp_path, faults=faults) as road:
        done = calm.forks.run(road.config, "sync", "--json")
        say(f"{done.seconds:.1f} s: {done.output} {done.errors}")
        assert done.code == 0
        assert _missed(road, "mews") == []
        assert duplicates(road) == []
        assert ending(road, done.json) == calm.ending


def test_faults_of_partners_leave_no_trace(calm: Calm, tmp_path: Path) -> None:
    with chain(calm.loaded, tmp_path, faults=PARTNERS) as road:
        doubtful = calm.forks.run(road.config, "sync", "--json", "--wait", "1s")
        assert doubtful.code == 4
        assert doubtful.json["awards"].keys() <= {"credited", "in_doubt", "ready"}
        for _ in range(5):
            _make_due(road)
            done = calm.forks.run(road.config, "sync", "--json", "--wait", "1s")
            say(f"{done.seconds:.1f} s: {done.output} {done.errors}")
            if done.code == 0:
                break
        assert done.code == 0
        assert [*_missed(road, "uplyft"), *_missed(road, "airmiles")] == []
        assert duplicates(road) == []
        assert ending(road, done.json) == calm.ending


def _missed(road: Road, server: str) -> list[Any]:
    """Return the planned faults that never happened."""
    return [each for each in get(f"{road.urls[server]}/_sandbox/faults")["faults"] if each["fired"] != each["times"]]


def _make_due(road: Road) -> None:
    """Let the half minute pass that a message in doubt waits."""
    road.write("UPDATE message SET due_at = '2020-01-01 00:00:00.000000' WHERE state IN ('in_doubt', 'ready')")
