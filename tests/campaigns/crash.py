"""The crash campaign: SIGKILL at every commit and every send, several in a row, and at any moment, on both engines.

``python -m tests.campaigns.crash [quick|nightly]``. After each death it looks at what was left behind, then lets the
next process run to rest and compares the end with that of a story in which nobody was killed.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests import dialects
from tests.acceptance.road import say
from tests.campaigns.acts import Desk
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.houses import Engine, Ground, ground
from tests.campaigns.kills import Day, Fate, Toll, cut, rehearsed, story
from tests.campaigns.upgrades import killed_copies, killed_upgrades

_SHOWN = 5  # faults that are told of each kind of death


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of it one engine gets; 0 leaves a kind of death out.

    ``step``: every so many points of each day is one to die at. ``rows`` are stories of ``in_a_row`` deaths each,
    ``moments`` deaths by the clock, ``acts`` points of each operator's command, ``cuts`` lost connections.
    """

    step: int
    rows: int
    in_a_row: int
    moments: int
    acts: int
    upgrades: int
    copies: int
    cuts: int


EXTENTS: dict[Profile, dict[Engine, Extent]] = {
    "quick": {
        "sqlite": Extent(step=150, rows=2, in_a_row=8, moments=1, acts=0, upgrades=1, copies=3, cuts=0),
        "postgresql": Extent(step=330, rows=1, in_a_row=8, moments=0, acts=0, upgrades=1, copies=0, cuts=1),
    },
    "nightly": {
        "sqlite": Extent(step=1, rows=30, in_a_row=10, moments=60, acts=8, upgrades=20, copies=20, cuts=0),
        "postgresql": Extent(step=9, rows=10, in_a_row=8, moments=20, acts=2, upgrades=20, copies=0, cuts=30),
    },
}
LEAST: dict[Profile, int] = {"quick": 30, "nightly": 1000}


def campaign(profile: Profile) -> Iterator[Figure]:
    """Kill on both engines and yield what came of it."""
    seed = random.SystemRandom().randrange(10**6)
    say(f"crash: seed {seed}")
    deaths = 0
    for engine, extent in EXTENTS[profile].items():
        for kind, toll in tolls(engine, extent, random.Random(seed)):
            deaths += toll.deaths
            yield _figure(engine, kind, toll)
    yield Figure("deaths in all", str(deaths), f"at least {LEAST[profile]}", deaths >= LEAST[profile])


def tolls(engine: Engine, extent: Extent, chance: random.Random) -> Iterator[tuple[str, Toll]]:
    """Yield each kind of death with what it did."""
    dialects.share()
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # requests of the dead that end in the middle
    with ground(engine, datetime.now(UTC).replace(microsecond=0)) as place:
        days = rehearsed(place)
        yield "deaths at commits and sends", _told(_at_points, place, days, extent, chance)
        yield "deaths several in a row", _told(_in_a_row, place, days, extent, chance)
        if extent.moments:
            yield "deaths at any moment", _told(_at_moments, place, days, extent, chance)
        if extent.acts:
            yield "deaths in operators' commands", _told(_at_acts, place, days, extent, chance)
        yield "deaths in upgrades and copies", _told(_at_the_whole, place, days, extent, chance)
        if extent.cuts:
            yield "lost connections", _told(_cuts, place, days, extent, chance)


Work = Callable[[Ground, Sequence[Day], Extent, random.Random, Toll], None]


def _told(work: Work, place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random) -> Toll:
    toll = Toll()
    work(place, days, extent, chance, toll)
    return toll


def _at_points(place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    for day in days:
        for at in range(1 + chance.randrange(extent.step), len(day.points) + 1, extent.step):
            story(place, day, [{"kill_at": at}], toll)


def _in_a_row(place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    for number in range(extent.rows):
        story(place, days[number % len(days)], list(row(extent.in_a_row, chance)), toll)


def row(deaths: int, chance: random.Random) -> Iterable[Fate]:
    """Return deaths in a row: each life ends after more points than the one before, so that the story gets on."""
    return ({"kill_at": chance.randint(1, 30 * (number + 1))} for number in range(deaths))


def _at_moments(place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    for number in range(extent.moments):
        day = days[number % len(days)]
        span = day.seconds
        while toll.deaths <= number:  # the rehearsal may have been slower than this life
            story(place, day, [{"kill_after": chance.uniform(0.05, 1) * span}], toll)
            span *= 0.7


def _at_acts(place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    desk = Desk(place, days[0])
    for name in desk.acts:
        calm = desk.rehearsed(name)
        every = range(1, len(calm.points) + 1)
        for at in sorted(chance.sample(every, min(extent.acts, len(every)))):
            desk.killed(name, at, calm, toll)


def _at_the_whole(place: Ground, _: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    killed_upgrades(place, extent.upgrades, toll)
    if extent.copies:
        killed_copies(place, extent.copies, chance, toll)


def _cuts(place: Ground, days: Sequence[Day], extent: Extent, chance: random.Random, toll: Toll) -> None:
    for number in range(extent.cuts):
        day = days[number % len(days)]
        cut(place, day, chance.randint(1, len(day.points) * 9 // 10), toll)


def _figure(engine: Engine, kind: str, toll: Toll) -> Figure:
    for fault in toll.faults[:_SHOWN]:
        say(f"{engine}, {kind}: {fault}")
    count = f"{toll.deaths} deaths" if toll.deaths else f"{toll.cuts} cuts"
    holds = bool(toll.deaths or toll.cuts) and not toll.faults
    return Figure(f"{engine}: {kind}, no trace is left", f"{count}, {len(toll.faults)} faults", "0 faults", holds)


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
