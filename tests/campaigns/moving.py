"""A chain moves to PostgreSQL and back in the middle of its work: ``python -m tests.campaigns.moving [nightly]``."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import postgres
from tests.acceptance.road import say
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.relocation import Found, copied, depot, moved

MOVES = {"quick": 1, "nightly": 30}
COPIES = {"quick": 1, "nightly": 10}


def campaign(profile: Profile) -> Iterator[Figure]:
    """Move and copy, each time after a kill at another message; yield what was given twice and what differs."""
    moves, copies, seed = Found(), Found(), random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    with TemporaryDirectory(prefix="moving-") as name, postgres.running() as server:
        home = Path(name)
        with depot(home, server) as start:
            for n in range(MOVES[profile]):
                moved(start, home / f"move{n}", chance.randint(1, start.sends), moves)
            for n in range(COPIES[profile]):
                copied(start, home / f"copy{n}", chance.randint(1, start.sends), copies)
    for fault in (*moves.faults, *copies.faults):
        say(f"seed {seed}: {fault}")
    yield Figure(
        "a chain moved to PostgreSQL and back in the middle of its work ends as one that stays",
        f"{moves.moves} moves: {moves.twice} second credits, {moves.differing} rows differing, "
        f"{len(moves.faults)} faults",
        "0, 0, 0",
        not moves.twice and not moves.differing and not moves.faults,
    )
    yield Figure(
        "a copy of a chain that works on gives nothing, nor does it once it is adopted",
        f"{copies.moves} copies: {copies.twice} second credits, {len(copies.faults)} faults",
        "0, 0",
        not copies.twice and not copies.faults,
    )


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
