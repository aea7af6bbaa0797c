"""A daemon at a partner that never answers: the others and the alignment go on, and a stop is quick."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from connector.sandbox.bookings import PROPERTIES
from tests.acceptance.chains import QUICK, chain
from tests.acceptance.endings import duplicates, memberships
from tests.acceptance.road import ROOT, Road, credits_at, variables
from tests.campaigns.estate import Hotel
from tests.campaigns.figures import Figure
from tests.campaigns.front_office import FrontOffice
from tests.campaigns.proxy import Proxy, Trouble, proxied
from tests.campaigns.travels import commands, make_due

SILENT = Trouble("silent", asked=0, hang=True)
SCHEDULE = '\n[schedule]\nalign = "2s"\nstays = "2s"\ndeliver = "1s"\n'
DRAIN = 10.0
_PATIENCE = 150.0
_LEAVING = 15  # guests, of whom some are members of the other partner
_OPEN = "SELECT count(*) FROM message WHERE partner = 'air_miles' AND state <> 'credited'"


@dataclass(slots=True)
class Vigil:
    """What was seen beside a silent partner, in seconds; None: it never came."""

    others: float | None = None
    later: float | None = None
    aligned: float | None = None
    stopped: float = 0.0
    code: int | None = None
    told: str = ""


def silent(loaded: Path, home: Path) -> Iterator[Figure]:
    """Let a partner be silent; yield what the others got meanwhile, and how it ended."""
    with chain(loaded, home / "chain") as direct, proxied(direct.urls["uplyft"]) as proxy:
        urls = direct.urls | {"uplyft": proxy.url}
        members = home / "chain" / "sandbox" / "members.csv"
        road = replace(Road.written(home / "connector", urls, members, extra=QUICK), urls=direct.urls)
        plain = road.config.read_text(encoding="utf-8")
        road.config.write_text(plain + SCHEDULE, encoding="utf-8")
        proxy.always = SILENT
        seen = _watched(road, proxy, members)
        proxy.always = None
        make_due(road)
        done = commands(road).run("sync", "--json")
        twice = duplicates(road)
    yield Figure(
        "Beside a silent partner the other partner and the alignment go on",
        f"credits after {_told(seen.others)}, later ones {_told(seen.later)}, a member's change {_told(seen.aligned)}",
        "all of it while the partner is silent",
        None not in (seen.others, seen.later, seen.aligned),
    )
    yield Figure(
        "A daemon that waits for a silent partner stops when it is asked",
        f"{seen.stopped:.1f} s, exit {seen.code}, {seen.told.count('Traceback')} defects",
        f"{DRAIN:.0f} s, exit 0, 0 defects",
        seen.stopped <= DRAIN and seen.code == 0 and "Traceback" not in seen.told,
    )
    yield Figure(
        "When the silent partner speaks again everything is credited once",
        f"{done.json['awards']}, {len(twice)} twice, exit {done.code}",
        "all credited, 0 twice, exit 0",
        done.code == 0 and done.json["awards"].keys() == {"credited"} and not twice,
    )


def _watched(road: Road, proxy: Proxy, members: Path) -> Vigil:
    seen, log = Vigil(), road.config.with_name("log")
    hotels = [Hotel(table, table, place.enterprise_id, {}) for table, place in PROPERTIES.items()]
    with log.open("wb") as output:
        daemon = subprocess.Popen(road.command("run"), env=variables(), cwd=ROOT, stdout=output, stderr=output)
        try:
            given = lambda: len(credits_at(road.urls, "air_miles"))  # noqa: E731
            seen.others = _until(lambda: proxy.met[SILENT.words] and given() and road.rows(_OPEN) == [(0,)])
            office, before = FrontOffice(road.urls["mews"], members, hotels, random.Random(1)), given()
            for _ in range(_LEAVING):
                office.check_out("montreal")
            seen.later = _until(lambda: given() > before)
            points = _points(road)
            office.change_members(50)
            seen.aligned = _until(lambda: _points(road) != points)
            assert not credits_at(road.urls, "miles_and_more"), "it is silent"
        finally:
            asked = time.monotonic()
            daemon.terminate()
            seen.code = daemon.wait(timeout=6 * DRAIN)
            seen.stopped = time.monotonic() - asked
    seen.told = log.read_text(encoding="utf-8")
    return seen


def _points(road: Road) -> list[object]:
    return [each[6] for each in memberships(road)]


def _until(true: Callable[[], object]) -> float | None:
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > _PATIENCE:
            return None
        time.sleep(0.1)
    return time.monotonic() - began


def _told(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f} s"
