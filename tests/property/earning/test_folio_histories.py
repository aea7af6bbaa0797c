"""Whatever becomes of folios, guests, contracts and partners: in the end a partner that takes miles back holds what the
rules give for the net folio, one that does not was told nothing too early, and a person was told every difference."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as profile

from connector.store.engine import Database
from tests.property.earning.histories import NIGHTLY, histories, settings
from tests.property.earning.world import Setting, Step, World

HISTORIES = int(os.environ.get("STORIES", "10000")) if NIGHTLY else 40  # of three stays each
MEMORY = Path("/dev/shm")  # a commit need not reach a disk here


# Histories that once ended badly.
OLDER_CREDITS_GO = (
    Setting(4, ("none", "none"), "difference", stays=(("EUR", 4, True), ("EUR", 4, True), ("CAD", 3, True)), again=3),
    [
        [("charge", "r1", 12_345, "SpaceOrder")],
        [("rebate", "r1", 1, 50), ("charge_openly", "r1", 12_345, "SpaceOrder")],
        [("rebate", "r1", 1, 10)],
    ],
)


async def told(file: Path, setting: Setting, history: list[list[Step]]) -> None:
    """Tell a history to its end, and let calm days follow."""
    database = Database(f"sqlite:///{file}")
    try:
        world = World(database, setting)
        await world.go(first=True)
        for steps in history:
            await world.go(steps)
        await world.calm()
        await world.account()
        if setting.again is not None:
            await world.decide_again(setting.again)
            await world.calm()
            await world.account()
    finally:
        await database.aclose()


@pytest.mark.timeout(0 if NIGHTLY else 300)
@profile(
    max_examples=HISTORIES,
    derandomize=not NIGHTLY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(setting=settings, history=histories)
@example(setting=OLDER_CREDITS_GO[0], history=OLDER_CREDITS_GO[1])
def test_every_history_ends_well(sqlite_template: Path, setting: Setting, history: list[list[Step]]) -> None:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        file = Path(name) / "connector.db"
        shutil.copyfile(sqlite_template, file)
        asyncio.run(told(file, setting, history))
