"""An hour of a daemon at 50 hotels where much goes wrong: it must need no more at the end, and owe nobody anything.

``python -m tests.campaigns.soak [quick|nightly]``; ``SOAK_MINUTES`` lengthens or shortens the nightly profile.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.acceptance.endings import memberships
from tests.acceptance.road import PARTNERS, Road, credits_at, repeated, say
from tests.campaigns.fifty import REST, UNFINISHED, Length, Soak, soaking
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.vitals import settled, slope, spread

GIVEN = """
SELECT partner, key, CASE kind WHEN 'reversal' THEN -abs(miles) ELSE miles END FROM message WHERE state = 'credited'
"""
DRAIN = 10.0  # seconds from SIGTERM to the end
MEMORY_A_MINUTE, MEMORY_SPREAD, MEMORY = 0.15, 12.0, 256  # MiB
HANDLES_A_MINUTE, HANDLES_SPREAD = 0.2, 16
JOURNAL = 64.0  # MiB


QUICK = Length(25, 0.25, 'align = "8s"\nstays = "4s"\ndeliver = "1s"')
NIGHTLY = Length(3600, 2.0, 'align = "60s"\nstays = "20s"\ndeliver = "3s"', since=date(2017, 5, 1))


def campaign(profile: Profile) -> Iterable[Figure]:
    """Soak a daemon; yield what it needed and what is not as it should be."""
    length = QUICK if profile == "quick" else NIGHTLY
    if profile == "nightly" and (minutes := os.environ.get("SOAK_MINUTES")):
        length = replace(NIGHTLY, seconds=60 * float(minutes))
    seed = random.SystemRandom().randrange(1000)
    with tempfile.TemporaryDirectory() as folder:
        yield from soaked(Path(folder), length, seed)


def soaked(home: Path, length: Length, seed: int) -> Iterator[Figure]:
    """Soak a daemon in a folder; yield the figures."""
    say(f"seed {seed}")
    with soaking(home, length, seed) as soak:
        soak.begin()
        soak.work(length)
        soak.rest()
        soak.stop()
        yield from _needs(soak, length)
        yield from _owed(soak)


def _needs(soak: Soak, length: Length) -> Iterator[Figure]:
    looks = settled(soak.looks)
    first, last = looks[0], looks[-1]
    claim = f"A daemon at {length.hotels} hotels for {timedelta(seconds=length.seconds)} with faults"
    grown, wider = slope(looks, lambda each: each.resident), spread(looks, lambda each: each.resident)
    most = max(each.resident for each in soak.looks)
    short = length.seconds < 600  # in so short a time a slope says nothing
    flat = f"last quarter at most {MEMORY_SPREAD:.0f} MiB above the first, {MEMORY_A_MINUTE} MiB a minute"
    yield Figure(
        f"{claim}: memory is {'bounded' if short else 'flat'}",
        f"{first.resident:.0f} to {last.resident:.0f} MiB, {most:.0f} at most, {grown:+.2f} a minute, {wider:+.1f}",
        f"{MEMORY} MiB" if short else flat,
        most <= MEMORY if short else wider <= MEMORY_SPREAD and grown <= MEMORY_A_MINUTE,
    )
    opened, more = slope(looks, lambda each: each.handles), spread(looks, lambda each: each.handles)
    yield Figure(
        f"{claim}: open files and threads are flat",
        f"{first.handles} to {last.handles} files ({opened:+.2f} a minute), {first.threads} to {last.threads} threads",
        f"last quarter at most {HANDLES_SPREAD} files and 4 threads above the first",
        more <= HANDLES_SPREAD
        and spread(looks, lambda each: each.threads) <= 4
        and (short or opened <= HANDLES_A_MINUTE),
    )
    journal = max(each.journal for each in soak.looks)
    yield Figure(
        f"{claim}: the database's journal stays small",
        f"{journal:.1f} MiB at most; database {soak.looks[0].database:.1f} to {last.database:.1f} MiB, "
        f"log {last.logged:.2f} MiB, {max(each.waiting for each in soak.looks)} messages waiting at most",
        f"{JOURNAL:.0f} MiB",
        journal <= JOURNAL,
    )


def _owed(soak: Soak) -> Iterator[Figure]:
    road, office = soak.road, soak.office
    told = soak.log.read_text(encoding="utf-8")
    yield Figure(
        "When nothing goes wrong any more, everything due is done by the daemon",
        f"after {soak.rested:.0f} s" if soak.rested is not None else f"{road.rows(UNFINISHED)[0][0]} messages wait",
        f"{REST:.0f} s",
        soak.rested is not None,
    )
    yield Figure(
        "It stops when asked, without a defect", _end(soak, told), f"{DRAIN:.0f} s, exit 0, none", _well(soak, told)
    )
    done = soak.run("sync", "--json")
    summary: Any = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    say(json.dumps(summary, default=str)[:2000])
    wrong, twice = _differences(road), repeated([(account, program) for account, program, *_ in memberships(road)])
    yield Figure(
        "The partners' books are the ledger's, and nothing was done twice",
        f"{office.left} check-outs, {office.corrected} corrections, {office.changed} members: "
        f"{sum(len(credits_at(road.urls, each)) for each in PARTNERS)} credits and reversals, "
        f"{len(wrong)} differences, {len(twice)} memberships twice, exit {done.returncode}",
        "0 differences, 0 twice, exit 0",
        not wrong and not twice and done.returncode == 0,
    )
    untold = [name for name, counts in summary.get("stays", {}).items() if not _adds_up(counts)]
    yield Figure(
        "Every stay seen is awarded, excluded, suspended or waiting",
        f"{sum(each['seen'] for each in summary.get('stays', {}).values())} stays seen, {len(untold)} sums wrong",
        "0 sums wrong",
        bool(summary) and not untold,
    )


def _differences(road: Road) -> set[tuple[str, str, int]]:
    """Return what only one side knows: the ledger or a partner. A partner knows a message by its key once at most."""
    theirs = {(name, each["key"], int(each["miles"])) for name in PARTNERS for each in credits_at(road.urls, name)}
    return theirs ^ set(road.rows(GIVEN))


def _end(soak: Soak, told: str) -> str:
    return f"{soak.stopped:.1f} s, exit {soak.daemon.returncode}, {told.count('Traceback')} defects"


def _well(soak: Soak, told: str) -> bool:
    return soak.stopped <= DRAIN and soak.daemon.returncode == 0 and "Traceback" not in told


def _adds_up(counts: dict[str, int]) -> bool:
    return counts["seen"] == sum(counts[name] for name in ("awarded", "excluded", "suspended", "waiting"))


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
