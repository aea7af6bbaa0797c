"""A sync killed while partners have messages, moved to PostgreSQL and back, ends as one that nobody touched."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import postgres
from tests.acceptance.road import say
from tests.campaigns.relocation import Found, depot, moved


def test_a_chain_that_moves_in_the_middle_of_its_work_gives_nothing_twice(
    tmp_path: Path, postgres_server: postgres.Server, request: pytest.FixtureRequest
) -> None:
    seed = getattr(request.config.option, "randomly_seed", 0)
    found = Found()
    with depot(tmp_path, postgres_server) as start:
        kill_at = random.Random(seed).randint(1, start.sends)
        say(f"seed {seed}: killed at {kill_at} of {start.sends}")
        moved(start, tmp_path / "moved", kill_at, found)

    assert found == Found(moves=2)
