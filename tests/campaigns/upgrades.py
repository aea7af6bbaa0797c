"""What touches the database as a whole, killed on the way: an upgrade, and a copy."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from connector.store.engine import Database
from tests.acceptance.release import restore
from tests.acceptance.road import ROOT
from tests.campaigns.books import opened
from tests.campaigns.houses import Ground, House, State
from tests.campaigns.kills import KILLED, Toll

RELEASE = ROOT / "tests" / "data" / "release_0.1.0.jsonl.gz"
AT = 5.0  # a moment of the first day; neither command asks for the time
LEDGER = ("message", "history", "award", "claim", "decision", "closing", "cursor", "link", "suspense", "membership")
_BULK = 40_000_000  # bytes that make a copy take its time


def killed_upgrades(ground: Ground, kills: int, toll: Toll) -> None:
    """Upgrade a database of the first release, killed at points spread over all of its statements and commits."""
    released = _released(ground)
    with ground.house(released) as house:
        calm = house.run("db", "upgrade", at=AT, statements=True)
        assert calm.code == 0, calm.errors
        expected = _counts(house)
    for number in range(kills):
        at = 1 + (number + 1) * (len(calm.points) - 1) // kills
        with ground.house(released) as house:
            done = house.run("db", "upgrade", at=AT, statements=True, kill_at=at)
            assert done.code == KILLED, (at, done.code)
            toll.deaths += 1
            toll.stories += 1
            toll.faults += [f"db upgrade, {done.errors}: {each}" for each in _upgraded(house, expected)]


def _released(ground: Ground) -> State:
    """Keep a state whose database is as the first release left it."""
    with ground.house(ground.kept("begun"), keep="released") as house:
        asyncio.run(_restore(house))
    return ground.kept("released")


async def _restore(house: House) -> None:
    database = Database(house.database)
    await restore(RELEASE, database)
    await database.aclose()


def _upgraded(house: House, expected: dict[str, int]) -> Iterator[str]:
    for words in (("db", "upgrade"), ("db", "check")):
        done = house.run(*words, at=AT)
        if done.code:
            yield f"then {' '.join(words)} ends with {done.code}: {done.errors}"
            return
    if (found := _counts(house)) != expected:
        yield f"then the rows are {found}, expected {expected}"


def _counts(house: House) -> dict[str, int]:
    with opened(house) as books:
        return {table: books.rows(f"SELECT count(*) FROM {table}")[0][0] for table in LEDGER}


def killed_copies(ground: Ground, kills: int, chance: random.Random, toll: Toll) -> None:
    """Copy an SQLite database, killed at any moment: what bears the name of the copy is whole and marked."""
    with ground.house(ground.kept("first"), keep="large") as house, closing(sqlite3.connect(house.file)) as connection:
        connection.execute("CREATE TABLE bulk AS SELECT zeroblob(?) AS bytes", (_BULK,))
        connection.commit()
    large = ground.kept("large")
    with ground.house(large) as house:
        calm = house.run("db", "backup", str(house.folder / "calm.db"), at=AT)
        assert calm.code == 0, calm.errors
        fates = [{"kill_at": at} for at in range(1, len(calm.points) + 1)]
        fates += [{"kill_after": chance.uniform(0.3, 1) * calm.seconds} for _ in range(kills - len(fates))]
        for number, fate in enumerate(fates):
            copy = house.folder / f"copy{number}.db"
            done = house.run("db", "backup", str(copy), at=AT, **fate)
            toll.deaths += done.code == KILLED
            toll.stories += 1
            toll.faults += [f"db backup, {fate}: {each}" for each in _copied(house, copy)]
            copy.unlink(missing_ok=True)


def _copied(house: House, copy: Path) -> Iterator[str]:
    if not copy.exists() and house.run("db", "backup", str(copy), at=AT).code:
        yield "the next one cannot be made"
        return
    with closing(sqlite3.connect(copy)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield "half a copy bears the name of a whole one"
        elif connection.execute("SELECT count(*) FROM fact WHERE name = 'backup'").fetchone() != (1,):
            yield "the copy does not bear the mark"
