"""What goes wrong on the way, by a proxy before Mews and before every partner: nothing is lost and nothing done twice.

``python -m tests.campaigns.network [quick|nightly]``
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.telemetry.logging import configure
from tests.acceptance.chains import load
from tests.acceptance.marathon import KINDS
from tests.acceptance.road import say
from tests.campaigns.astray import astray
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.posting import posted
from tests.campaigns.silence import silent
from tests.campaigns.travels import travelled
from tests.logs import untouched_logging


@dataclass(frozen=True, slots=True)
class Size:
    """How much goes wrong: broken connections to each system, messages at each channel, and how often all that."""

    connections: int
    messages: int
    rounds: int


QUICK = Size(18, 18, 1)
NIGHTLY = Size(60, 300, 5)


def campaign(profile: Profile) -> Iterable[Figure]:
    """Break connections; yield what became of the work."""
    seed = random.SystemRandom().randrange(1000)
    say(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        yield from figures(QUICK if profile == "quick" else NIGHTLY, Path(folder), seed)


def figures(size: Size, home: Path, seed: int) -> Iterator[Figure]:
    """Run every story in a folder."""
    loaded = load(home / "loaded")
    for each in range(size.rounds):
        yield from travelled(loaded, home / f"travels {each}", size.connections, seed + each)
        yield from _posted(size, home / f"posts {each}", seed + each)
    yield from astray(loaded, home / "astray")
    yield from silent(loaded, home / "silence")


def _posted(size: Size, home: Path, seed: int) -> Iterator[Figure]:
    for place, kind in enumerate(KINDS):
        folder = home / str(place)
        folder.mkdir(parents=True)
        with _quiet():
            found = asyncio.run(posted(kind, size.messages, size.connections, folder, seed))
        doubts = f", {found.suspended} doubts told" if found.suspended else ""
        yield Figure(
            f"Credits over broken connections ({kind}) are given once",
            f"{found.troubles} troubles, {found.credited} of {found.messages} credited{doubts}, {found.twice} twice, "
            f"{found.untrue} untrue, {found.faults} faults of the database",
            found.bar,
            found.holds,
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nobody tell of each broken connection, the servers included."""
    with untouched_logging():
        configure(level="CRITICAL")
        logging.disable()
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
