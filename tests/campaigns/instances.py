"""Two and four instances on one PostgreSQL database: shared work, deaths, standstills, and one budget of requests.

Run as ``python -m tests.campaigns.instances [quick|nightly]``.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests import postgres
from tests.acceptance.chains import QUICK, chain, load
from tests.acceptance.endings import duplicates, ending, memberships
from tests.acceptance.road import get, say
from tests.campaigns.budget import Budget, spent
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.fleet import LEASE, Fleet, Instance, SharedRoad, fleet, hash_key, shares, until

EVERY = '\n[schedule]\nalign = "3s"\nstays = "3s"\ndeliver = "1s"\n[web]\nlisten = "off"\n'
SLOW = ("mews:loyaltyMemberships/add=delay,seconds=0.3", "uplyft:createEvent=delay,seconds=0.05")
LEAST = 0.85  # of the limit
_REST = 240.0  # seconds until everything must be done


@dataclass(frozen=True)
class Size:
    """How much a profile does: of each world how many instances, deaths and standstills; seconds of the budget."""

    worlds: tuple[tuple[int, int, int], ...]
    budget: Budget


SIZES: Mapping[Profile, Size] = {
    "quick": Size(worlds=((2, 0, 0), (4, 4, 3)), budget=Budget(20, 10, 2)),
    "nightly": Size(worlds=((2, 0, 0), (4, 0, 0), *((4, 25, 15),) * 8, *((2, 25, 15),) * 4), budget=Budget(20, 30, 10)),
}


@dataclass
class World:
    """What was seen of one fleet on one chain."""

    instances: int
    deaths: int = 0
    standstills: int = 0
    ears: int = 0
    refused: int = 0
    at_rest: bool = False
    twice: list[Any] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    passes: float = 0.0  # of align in an interval


@dataclass(frozen=True)
class Ground:
    """What all worlds start from: a loaded chain, and how one process alone ends on it."""

    home: Path
    loaded: Path
    ending: dict[str, Any]
    server: postgres.Server

    @contextmanager
    def chain(self, name: str) -> Iterator[SharedRoad]:
        """Give a copy of the chain, and an empty database to it."""
        with chain(self.loaded, self.home / name, faults=SLOW, extra=QUICK) as road:
            heard = f'websocket = true\nwebsocket_address = "{road.urls["mews"].replace("http", "ws", 1)}/ws/connector"'
            text = road.config.read_text().replace("[mews]\n", f"[mews]\n{heard}\n", 1)
            road.config.write_text(text + EVERY)
            yield SharedRoad.on(self.server.url(self.server.create(name)), road)


@contextmanager
def ground() -> Iterator[Ground]:
    """Load a chain, and let one process alone do everything on it, on SQLite."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(hash_key(home))
        loaded = load(home / "loaded")
        with chain(loaded, home / "alone") as road:
            alone = ending(road, road.sync())
        yield Ground(home, loaded, alone, stack.enter_context(postgres.running()))


def world(on: Ground, instances: int, deaths: int, standstills: int, seed: int) -> World:
    """Let a fleet work on a chain until everything is done, and disturb it meanwhile."""
    found = World(instances)
    name = f"world_{seed}"
    with on.chain(name) as road, fleet(on.home / f"{name}_fleet") as ships:
        began = time.monotonic()
        for number in range(instances):
            ships.daemon(number, road.config)
        _disturb(ships, road, found, deaths, standstills, random.Random(seed))
        found.at_rest = until(lambda: _watched(road, found) and _is_done(road, on), _REST)
        seconds = time.monotonic() - began
        ships.stop()
        found.troubles = ships.troubles
        found.shares = shares(road)
        ((passes,),) = road.rows("SELECT count(*) FROM job_run WHERE job = 'align'")
        found.passes = passes / (seconds / 3 + 1)
        found.refused = sum(not each["admitted"] for each in get(f"{road.urls['mews']}/_sandbox/arrivals"))
        summary = road.sync("--wait", "1m")  # for a lease that nobody gave back
        found.twice = duplicates(road)
        # that lease is over by itself
        there = ending(road, summary) | {"lanes and leases": road.rows("SELECT message_key FROM lane")}
        found.differs = _differences(there, on.ending)
        say(f"{name}: {found}, {seconds:.0f} s")
    return found


def _disturb(
    ships: Fleet, road: SharedRoad, found: World, deaths: int, standstills: int, chance: random.Random
) -> None:
    """Kill and stop instances in an order drawn by chance; a killed one starts again, a stopped one wakes too late."""
    deeds = ["kill"] * deaths + ["stop"] * standstills
    chance.shuffle(deeds)
    until(lambda: not deeds or _has_begun(road), _REST)
    stopped: list[tuple[float, Instance]] = []
    for deed in deeds:
        _wait(road, found, chance.uniform(0.3, 1.5))
        standing = [each for _, each in stopped]
        victim = chance.choice([each for each in ships.instances if each.lives and each not in standing])
        if deed == "kill":
            victim.tell(signal.SIGKILL)
            found.deaths += 1
            ships.daemon(int(victim.machine.rpartition("-")[2]), road.config)
        else:
            victim.tell(signal.SIGSTOP)
            found.standstills += 1
            stopped.append((time.monotonic() + LEASE + chance.uniform(0.5, 3), victim))
        stopped = _woken(stopped, all_of_them=len(stopped) >= found.instances - 1)
    while stopped:
        _wait(road, found, 0.2)
        stopped = _woken(stopped)


def _woken(stopped: list[tuple[float, Instance]], *, all_of_them: bool = False) -> list[tuple[float, Instance]]:
    """Let those go on whose time has come; return the others."""
    now = time.monotonic()
    for due, each in stopped:
        if all_of_them and due > now:
            time.sleep(due - now)
        if due <= now or all_of_them:
            each.tell(signal.SIGCONT)
    return [] if all_of_them else [(due, each) for due, each in stopped if due > now]


def _wait(road: SharedRoad, found: World, seconds: float) -> None:
    until(lambda: not _watched(road, found), seconds)


def _watched(road: SharedRoad, found: World) -> bool:
    """Count who listens to Mews at this moment: one connection for each of the two tokens, if any."""
    body = json.dumps({"say": '{"Events": []}'}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{road.urls['mews']}/_sandbox/websocket", body, headers), timeout=60) as answer:
        found.ears = max(found.ears, json.load(answer)["ears"])
    return True


def _has_begun(road: SharedRoad) -> bool:
    made = road.rows("SELECT to_regclass('job_run')") != [(None,)]  # the tables are made by whoever is first
    return made and bool(road.rows("SELECT id FROM job_run LIMIT 1"))


def _is_done(road: SharedRoad, on: Ground) -> bool:
    if not _has_begun(road):
        return False
    messages = dict(road.rows("SELECT state, count(*) FROM message GROUP BY state"))
    return (
        messages == dict.fromkeys(["credited"], len(on.ending["messages"]))
        and not road.rows("SELECT account_id FROM intent")
        and memberships(road) == on.ending["memberships"]
    )


def _differences(there: Mapping[str, Any], alone: Mapping[str, Any]) -> list[str]:
    """Return in which of its parts an ending is not the one of a process alone."""
    return [name for name in alone if there[name] != alone[name]]


def campaign(profile: Profile) -> Iterable[Figure]:
    """Run every world of a profile and the budget, and judge them together."""
    size = SIZES[profile]
    with ground() as on:
        worlds = [world(on, *each, seed) for seed, each in enumerate(size.worlds, 1)]
        address = on.server.url(on.server.create("budget"))
        budgets = spent(on.home, on.loaded, address, size.budget, instances=4)
    yield from _judged(worlds)
    words = f"{size.budget.requests} requests in {size.budget.window} s, 4 instances, one killed"
    yield Figure(f"Never a 429: {words}", f"{budgets.refused} refused", "0", budgets.refused == 0)
    yield Figure("The limit is used while there is work", f"{budgets.share:.1%}", ">= 85 %", budgets.share >= LEAST)


def _judged(worlds: Sequence[World]) -> Iterator[Figure]:
    deaths, standstills = (sum(getattr(each, name) for each in worlds) for name in ("deaths", "standstills"))
    disturbed = f"{len(worlds)} fleets, {deaths} killed, {standstills} stopped for longer than their lease"
    wrong = sum(not each.at_rest or bool(each.differs) for each in worlds)
    yield Figure(f"All ends as one process alone would end it ({disturbed})", f"{wrong} differ", "0", wrong == 0)
    twice = sum(len(each.twice) for each in worlds)
    yield Figure("Nothing is done twice, at Mews or at a partner", f"{twice} twice", "0", twice == 0)
    troubles = sum(len(each.troubles) for each in worlds)
    yield Figure("No instance tells of a defect", f"{troubles} lines", "0", troubles == 0)
    least = min(len(each.shares) for each in worlds if each.deaths)
    yield Figure("Others do what a killed instance leaves", f"{least} instances at least did jobs", ">= 2", least >= 2)
    most = max(each.ears for each in worlds)
    yield Figure("One WebSocket per access token at any time", f"{most} for 2 tokens", "2", most == 2)
    calm = [each.passes for each in worlds if not each.deaths and not each.standstills]
    if calm:
        yield Figure(
            "A pass of one is not done again by another", f"{max(calm):.2f} an interval", "<= 1.2", max(calm) <= 1.2
        )


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
