"""Deciding all published bookings through store and job, against the bare arithmetic of the reference.

Run as ``python -m tests.benchmarks.deciding [quick|nightly]``: once when no stay was decided before, once when every
stay is decided again. Every booking counts as one that was checked out; the quick one takes the first of them. The
yardstick holds all bookings in memory, explains nothing and writes nothing.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from connector.jobs.contracts import Partnership
from connector.jobs.deciding import decide_all
from connector.store.engine import Database
from connector.store.migrations import upgrade
from tests.acceptance.agreements import PER_TWENTY_DOLLARS
from tests.acceptance.booked import BOOKINGS, NOW, RATES, Booked, booked
from tests.acceptance.road import say
from tests.acceptance.test_reference import stored
from tests.benchmarks.contest import Contest, Watch
from tests.campaigns.figures import Figure, Profile, ran
from tests.integration.earning.chain import HandClock, chain_for
from tests.property.earning.channel import Channel
from tests.reference.earning import miles

AGREED = PER_TWENTY_DOLLARS
COUNT: Mapping[Profile, int] = {"quick": 4_000, "nightly": BOOKINGS}


def campaign(profile: Profile) -> Iterator[Figure]:
    """Compare the two; there is no bar: one writes what the other only computes."""
    count = str(COUNT[profile])
    with tempfile.TemporaryDirectory() as scratch:
        # in a process of its own: a process begins with the peak of memory of the one that started it
        words = [sys.executable, "-m", __spec__.name, "prepare", scratch, count]
        due = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        for name, folder in (("for the first time", "first"), ("again", "again")):
            yield Contest(
                claim=f"Deciding stays {name}, with explanation, award and message stored, beside only computing miles",
                yardstick="the bare arithmetic, which stores and explains nothing",
                module=__spec__.name,
                arguments=[f"{scratch}/{folder}", due, count],
                records=int(count),
            ).held(profile)


def _prepare(folder: str, count: str) -> None:
    """Put the bookings on file, once undecided and once decided and changed; print the miles that they earn."""
    first, again = Path(folder) / "first", Path(folder) / "again"
    first.mkdir()
    asyncio.run(_filed(first, int(count)))
    shutil.copytree(first, again)
    asyncio.run(ours(again))
    with closing(sqlite3.connect(again / "connector.db")) as database, database:
        database.execute("UPDATE reservation SET dirty = 1")
    say(str(yardstick(int(count))[1]))


def everybody(count: int) -> Iterator[Booked]:
    """Yield the first bookings as if their guests had come and left."""
    for each in islice(booked(), count):
        reservation = replace(each.stay.reservation, state="Processed")
        yield Booked(replace(each.stay, reservation=reservation), each.room)


async def _filed(folder: Path, count: int) -> None:
    async with _database(folder) as database:
        await upgrade(database)
        await stored(database, list(everybody(count)))


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{folder}/connector.db")
    yield database
    await database.aclose()


async def ours(folder: Path) -> tuple[Watch, int]:
    """Decide every stay that is to be decided; return how many there were."""
    clock, partnership = HandClock(), Partnership(AGREED.contract, Channel(reverses=True), "live", "miles")
    clock.moment = NOW
    async with _database(folder) as database:
        chain = chain_for(database, clock)
        with Watch() as watch:
            decided = await decide_all(chain, [partnership])
    return watch, decided


def yardstick(count: int) -> tuple[Watch, int]:
    """Return the miles of all stays."""
    rooms = [each.room for each in everybody(count)]
    rates = {pair: Fraction(rate) for pair, rate in RATES.items()}
    with Watch() as watch:
        found = sum(miles([room], AGREED.terms, rates) for room in rooms)
    return watch, found


def _run(side: str, folder: str, due: str, count: str) -> None:
    watch, found = yardstick(int(count)) if side == "yardstick" else _run_ours(Path(folder), int(count))
    if found != int(due):
        raise RuntimeError(f"{side} gave {found} miles, expected {due}")
    watch.tell(int(count))


def _run_ours(folder: Path, count: int) -> tuple[Watch, int]:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        shutil.copy(folder / "connector.db", own)
        watch, decided = asyncio.run(ours(Path(own)))
        if decided != count:
            raise RuntimeError(f"{decided} stays were decided, expected {count}")
        with closing(sqlite3.connect(Path(own) / "connector.db")) as database:
            ((found,),) = database.execute("SELECT sum(miles) FROM award")
    return watch, found


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["yardstick"]):
        _run(*sys.argv[1:])
    elif sys.argv[1:2] == ["prepare"]:
        _prepare(*sys.argv[2:])
    else:
        sys.exit(ran(campaign, sys.argv[1:]))
