"""A chain that moves in the middle of its work: SQLite, a state file, PostgreSQL, another file, SQLite again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from connector.store.engine import Database
from tests import postgres
from tests.acceptance.chains import chain, load
from tests.acceptance.endings import duplicates, ending
from tests.acceptance.forks import Ended, Forks
from tests.acceptance.road import Road, variables
from tests.integration.store.filled import held

HASH_KEY = {"LOYALTY_PRIVACY__HASH_KEY": "one key for every place that the chain is moved to"}
SENT = r"after POST (/|\S+/post)"  # what a partner was asked has had its effect, and the answer is not read
_numbers = count(1)


@dataclass(frozen=True)
class Depot:
    """A small chain to start from, a PostgreSQL server, and how a run ends that nobody kills or moves."""

    state: Path
    forks: Forks
    server: postgres.Server
    ending: dict[str, Any]
    sends: int


@contextmanager
def depot(home: Path, server: postgres.Server) -> Iterator[Depot]:
    """Load the chain once and run it to its end once."""
    state = load(home / "loaded")
    with Forks(home / "forks", variables() | HASH_KEY) as forks:
        with chain(state, home / "stays") as road:
            done = forks.run(road.config, "sync", "--json")
            assert done.code == 0, done.errors
            found = ending(road, done.json)
        sends = sum(re.fullmatch(SENT, point) is not None for point in done.points)
        yield Depot(state, forks, server, found, sends)


@dataclass
class Found:
    """What came of moves: effects that were given twice, rows that differ, and what else was not as it should be."""

    moves: int = 0
    twice: int = 0
    differing: int = 0
    faults: list[str] = field(default_factory=list)

    def expect(self, done: Ended, code: int, what: str) -> Ended:
        """Note a command that ended otherwise."""
        if done.code != code:
            self.faults.append(f"{what}: {done.code} instead of {code}: {done.errors[-500:]}")
        return done


def moved(depot: Depot, home: Path, kill_at: int, found: Found) -> None:
    """Kill a sync when a partner has a message and we no answer, move, finish at PostgreSQL, move back, compare."""
    run = depot.forks.run
    with chain(depot.state, home) as old, _at_postgresql(old, depot.server) as new:
        found.expect(run(old.config, "sync", "--json", kill_at=kill_at, counting=SENT), -9, "the kill")
        _carried(depot, old, new, home / "there.gz", found)
        refusal = found.expect(run(old.config, "sync"), 3, "sync on what was left behind")
        if "it moved at" not in refusal.errors:
            found.faults.append(f"the refusal says {refusal.errors!r}")
        found.expect(run(new.config, "sync", "--json"), 0, "sync at PostgreSQL")
        back = _elsewhere(old, home / "back")
        _carried(depot, new, back, home / "back.gz", found)
        done = found.expect(run(back.config, "sync", "--json"), 0, "sync after the way back")
        found.expect(run(back.config, "db", "check"), 0, "db check")
        found.twice += len(duplicates(back))
        if done.code == 0 and ending(back, done.json) != depot.ending:
            found.faults.append(f"killed at {kill_at}: it ended in another way than a run that nobody moved")


def copied(depot: Depot, home: Path, kill_at: int, found: Found) -> None:
    """Kill a sync in the same way and import what was not left behind: both go on, and one of them delivers."""
    run = depot.forks.run
    with chain(depot.state, home) as old, _at_postgresql(old, depot.server) as new:
        found.expect(run(old.config, "sync", "--json", kill_at=kill_at, counting=SENT), -9, "the kill")
        found.expect(run(old.config, "state", "export", str(home / "copy.gz")), 0, "export")
        found.expect(run(new.config, "state", "import", str(home / "copy.gz")), 0, "import")
        found.expect(run(new.config, "sync", "deliver", "--wait", "0s"), 3, "deliver from a copy")
        done = found.expect(run(old.config, "sync", "--json"), 0, "sync on the original")
        before = ending(old, done.json)["partners"]
        adopt = ("ledger", "adopt", "--operator", "anna", "--reason", "the original is lost")
        found.expect(run(new.config, *adopt), 0, "adopt")
        found.expect(run(new.config, "sync"), 0, "sync on the copy")
        found.moves += 1
        found.twice += len(duplicates(old))
        if ending(old, done.json)["partners"] != before:
            found.faults.append(f"killed at {kill_at}: the adopted copy gave something that the original had given")


def _carried(depot: Depot, source: Road, target: Road, file: Path, found: Found) -> None:
    """Move from one database to another and count the rows that are not the same."""
    exported = found.expect(depot.forks.run(source.config, "state", "export", "--retire", str(file)), 0, "export")
    if exported.code:
        return
    found.expect(depot.forks.run(target.config, "state", "import", str(file)), 0, "import")
    here, there = asyncio.run(_held(url_of(source))), asyncio.run(_held(url_of(target)))
    found.moves += 1
    for name, rows in here.items():
        kept, came = set(map(json.dumps, rows)), set(map(json.dumps, there[name]))
        found.differing += len(kept ^ came)


async def _held(url: str) -> dict[str, list[list[Any]]]:
    database = Database(url)
    try:
        return await held(database)
    finally:
        await database.aclose()


def url_of(road: Road) -> str:
    """Return the address of a road's database."""
    line = next(each for each in road.config.read_text().splitlines() if each.startswith('url = "'))
    url = line.removeprefix('url = "').removesuffix('"')
    return url if url.startswith("postgresql") else f"sqlite:///{road.database}"


@contextmanager
def _at_postgresql(road: Road, server: postgres.Server) -> Iterator[Road]:
    name = server.create(f"moved_{next(_numbers)}")
    config = road.config.with_name("postgresql.toml")
    config.write_text(road.config.read_text().replace("sqlite:///connector.db", server.url(name)), encoding="utf-8")
    yield replace(road, config=config)
    server.drop(name)


def _elsewhere(road: Road, home: Path) -> Road:
    """Return the same configuration in another folder, where there is no database."""
    home.mkdir()
    config = home / "connector.toml"
    config.write_text(road.config.read_text(), encoding="utf-8")
    return replace(road, config=config)
