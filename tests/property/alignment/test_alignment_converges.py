"""Whatever scheme, people, network and crashes do: Mews comes to agree with the scheme, without a double, and no guest
loses more in a day than the guard lets pass."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.integration.alignment.hotel import DELETE, UPDATE
from tests.property.alignment.fate import End
from tests.property.alignment.stories import NIGHTLY, stories
from tests.property.alignment.world import DAY, Turn, begun

STORIES = int(os.environ.get("STORIES", "1000")) if NIGHTLY else 4  # for each of the two tests
MEMORY = Path("/dev/shm")  # a commit need not reach a disk here


# Stories that once ended badly.
BAD_AND_GONE = [Turn((("repeat", "bea"),)), Turn((("leave", "bea"),))]
UNHEARD = [
    Turn((("leave", "anna", "bea"), ("fault", UPDATE, "lose", 9, 0))),
    Turn((("leave", "carl", "dora"), ("later", 61.0))),
]
CUT = [Turn((("leave", "anna", "bea"),), end=End("write", 1, "after")), Turn((("leave", "carl", "dora"),))]
CONFIRMED_ONCE = [
    Turn((("leave", "anna"), ("leave", "bea"))),
    Turn((("leave", "carl", "dora"),), confirm=True),
    Turn((("join", "anna", "bea", "carl", "dora"), ("later", 2 * DAY))),
    Turn((("leave", "carl", "dora"),)),
    Turn((("leave", "anna", "bea"),)),
]
DELETED_BY_NOBODY = [
    Turn((("configure", {"gone": "delete"}), ("leave", "anna"), ("fault", DELETE, "drop", 1, 0))),
    Turn((("join", "anna"),)),
    Turn((("later", 3600.0),)),
    Turn((("erase", "anna"), ("later", DAY))),
]


async def told(home: Path, url: str, story: list[Turn], *, owns_state: bool) -> None:
    """Tell a story to its end, and let calm days follow."""
    async with begun(home, url, owns_state=owns_state) as world:
        await world.go()
        for turn in story:
            await world.tell(turn)
        await world.calm()
        assert list((await world.account()).open()) == []
        world.hotel.later()
        await world.hotel.align()
        assert world.hotel.calls.writes() == {}
        assert (await world.hotel.preview()).plan.counts == {}


@pytest.mark.timeout(0 if NIGHTLY else 120)
@pytest.mark.parametrize("owns_state", [True, False], ids=["with a column of states", "without one"])
@settings(
    max_examples=STORIES,
    derandomize=not NIGHTLY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(story=stories)
@example(story=BAD_AND_GONE)
@example(story=UNHEARD)
@example(story=CUT)
@example(story=CONFIRMED_ONCE)
@example(story=DELETED_BY_NOBODY)
def test_every_story_ends_well(sqlite_template: Path, owns_state: bool, story: list[Turn]) -> None:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        file = Path(name) / "connector.db"
        shutil.copyfile(sqlite_template, file)
        asyncio.run(told(Path(name), f"sqlite:///{file}", story, owns_state=owns_state))
