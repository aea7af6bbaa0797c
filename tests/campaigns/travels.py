"""The whole road over broken connections: ``sync`` arrives where it arrives when nothing is broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.acceptance.chains import QUICK, chain
from tests.acceptance.endings import duplicates, ending
from tests.acceptance.road import PARTNERS, Road
from tests.campaigns.figures import Figure
from tests.campaigns.patience import hurried
from tests.campaigns.proxy import proxied
from tests.campaigns.troubles import mixed
from tests.integration.cli.town import Done, Office

SYSTEMS = ("mews", "uplyft", "airmiles")
NAMES = ("Mews", "miles_and_more", "air_miles", "Uplyft", "AIR MILES")
_MOST_ROUNDS = 30
#: No message is given up: with so many broken connections the twelfth attempt fails, too, now and then.
_STUBBORN = {
    **QUICK,
    **{f"partners.{each}": f"{QUICK.get(f'partners.{each}', '')}\nmax_attempts = 1000" for each in PARTNERS},
}


@dataclass(slots=True)
class Travel:
    """What several runs of ``sync`` came to; ``odd`` is what a run said or returned that no run should."""

    runs: int = 0
    troubles: int = 0
    odd: list[str] = field(default_factory=list)
    twice: int = 0
    same: bool = False


def commands(road: Road) -> Office:
    """Return what runs the commands of a road in this process."""
    return Office(road.config, {"LOYALTY_LOGGING__LEVEL": "CRITICAL"})


def oddities(done: Done) -> Iterator[str]:
    """Yield what is wrong about how a ``sync`` ended: an exit code, a traceback, a sentence that names nobody."""
    if done.code not in (0, 4):
        yield f"exit code {done.code}: {done.errors[-200:]}"
    if "Traceback" in done.output + done.errors:
        yield f"a traceback: {done.errors[-500:]}"
    if not done.output.startswith("{"):
        yield f"no summary: {done.errors[-200:]}"
        return
    for job in done.json["jobs"]:
        if job["outcome"] not in ("ok", "skipped") and not any(name in job.get("error", "") for name in NAMES):
            yield f"{job['name']} {job['outcome']}: {job.get('error')}"


def make_due(road: Road) -> None:
    """Let the time pass that messages in doubt wait, and circuits are open."""
    road.write("UPDATE message SET due_at = '2020-01-01 00:00:00.000000' WHERE state IN ('in_doubt', 'ready')")
    road.write("DELETE FROM circuit")


def travelled(loaded: Path, home: Path, connections: int, seed: int) -> Iterator[Figure]:
    """Break so many connections to each system of a loaded chain; yield the figures."""
    with chain(loaded, home / "calm") as road:
        calm = ending(road, commands(road).run("sync", "--json").json)
    found = _travel(loaded, home / "broken", connections, seed, calm)
    yield Figure(
        "Over broken connections `sync` ends as without, nothing twice",
        f"{found.troubles} troubles in {found.runs} runs, the same end: {found.same}, {found.twice} twice",
        "the same end, 0 twice",
        found.same and not found.twice,
    )
    yield Figure(
        "Every fault is a sentence that names the system, with exit code 4",
        "; ".join(found.odd[:3]) or "nothing odd",
        "nothing odd",
        not found.odd,
    )


def _travel(loaded: Path, home: Path, connections: int, seed: int, calm: Any) -> Travel:
    found, chance = Travel(), random.Random(seed)
    with chain(loaded, home) as direct, ExitStack() as stack, hurried(0.5):
        proxies = {name: stack.enter_context(proxied(direct.urls[name])) for name in SYSTEMS}
        for proxy in proxies.values():
            proxy.plan.extend(mixed(connections, chance))
        urls = direct.urls | {name: proxy.url for name, proxy in proxies.items()}
        written = Road.written(home / "connector", urls, home / "sandbox" / "members.csv", extra=_STUBBORN)
        road = replace(written, urls=direct.urls)
        while found.runs < _MOST_ROUNDS:
            found.runs += 1
            done = commands(road).run("sync", "--json", "--wait", "1s")
            found.odd += oddities(done)
            if done.code == 0:
                break
            make_due(road)
        found.troubles = sum(count for proxy in proxies.values() for words, count in proxy.met.items() if words)
        found.twice = len(duplicates(road))
        found.same = done.code == 0 and ending(road, done.json) == calm
    return found
