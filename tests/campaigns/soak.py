"""An hour of a daemon at 50 hotels where much goes wrong: it must need no more at the end, and owe nobody anything.

``python -m tests.campaigns.soak [quick|nightly]``; ``SOAK_MINUTES`` lengthens or shortens the nightly profile.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from connector.sandbox.faults import parse
from connector.sandbox.serve import Sandbox
from tests.acceptance.endings import memberships
from tests.acceptance.road import PARTNERS, ROOT, Road, credits_at, repeated, say, variables
from tests.campaigns.estate import Hotel, open_hotels
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.front_office import FrontOffice, send
from tests.campaigns.vitals import Vitals, look, settled, slope, spread

FAULTS = (  # about one request in eight to Mews goes wrong, and one in five to the partners
    "mews:*=503,probability=0.03",
    "mews:*=drop,probability=0.03",
    "mews:*=lose,probability=0.03",
    "mews:*=429,probability=0.01,header.Retry-After=1",
    "mews:*=delay,seconds=0.3,probability=0.03",
    *(
        f"{operation}={effect},probability={chance}"
        for operation in ("uplyft:createEvent", "airmiles:post")
        for effect, chance in (("lose", 0.06), ("drop", 0.05), ("garbage", 0.05), ("503", 0.04))
    ),
)
UNFINISHED = "SELECT count(*) FROM message WHERE state IN ('held', 'ready', 'in_flight', 'in_doubt')"
GIVEN = """
SELECT partner, key, CASE kind WHEN 'reversal' THEN -abs(miles) ELSE miles END FROM message WHERE state = 'credited'
"""
DRAIN = 10.0  # seconds from SIGTERM to the end
REST = 240.0  # seconds in which all is done once nothing goes wrong any more
MEMORY_A_MINUTE, MEMORY_SPREAD, MEMORY = 0.15, 12.0, 256  # MiB
HANDLES_A_MINUTE, HANDLES_SPREAD = 0.2, 16
JOURNAL = 64.0  # MiB


@dataclass(frozen=True, slots=True)
class Length:
    """How long a soak is, in seconds, how often something changes, and how often the daemon works."""

    seconds: float
    every: float
    schedule: str
    hotels: int = 50
    since: date = date(2017, 8, 20)


QUICK = Length(25, 0.25, 'align = "8s"\nstays = "4s"\ndeliver = "1s"')
NIGHTLY = Length(3600, 1.5, 'align = "60s"\nstays = "20s"\ndeliver = "3s"', since=date(2017, 7, 20))


@dataclass(slots=True)
class Soak:
    """A daemon under way and what was seen of it."""

    road: Road
    office: FrontOffice
    daemon: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str]
    looks: list[Vitals] = field(default_factory=list)
    rested: float | None = None
    stopped: float = 0.0

    def begin(self) -> None:
        """Let the daemon read the chain for the first time; from then on things go wrong."""
        sign = self.road.database.with_name("connector.db.heartbeat")
        while not (sign.exists() and self._done().keys() >= {"align", "stays"}):
            assert self.daemon.poll() is None, self.log.read_text()[-2000:]
            time.sleep(0.2)
        for server, fault in map(parse, FAULTS):
            fields = {name: value for name, value in asdict(fault).items() if value is not None}
            send(f"{self.road.urls[server]}/_sandbox/faults", fields)

    def work(self, length: Length) -> None:
        """Change something again and again, and look at the daemon meanwhile."""
        began = time.monotonic()
        step, next_look = 0, began
        while (now := time.monotonic()) - began < length.seconds:
            assert self.daemon.poll() is None, self.log.read_text()[-2000:]
            if now >= next_look:
                self.looks.append(look(self.daemon.pid, self.road.database, self.log))
                next_look = now + max(1.0, length.seconds / 360)
            step += 1
            self.office.check_out()
            if step % 7 == 0:
                self.office.correct_folio()
            if step % 20 == 0:
                self.office.change_members(5)
            time.sleep(length.every)

    def rest(self) -> None:
        """Let nothing go wrong any more, and wait until the daemon owes nobody anything."""
        for server in ("mews", *PARTNERS.values()):
            send(f"{self.road.urls[server]}/_sandbox/faults", method="DELETE")
        began = time.monotonic()
        done = self._done()
        while not self._owes_nothing(done):
            if time.monotonic() - began > REST:
                return
            time.sleep(0.5)
        self.rested = time.monotonic() - began

    def stop(self) -> None:
        """Ask the daemon to stop."""
        asked = time.monotonic()
        self.daemon.terminate()
        self.daemon.wait(timeout=5 * DRAIN)
        self.stopped = time.monotonic() - asked

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside or after the daemon."""
        command = self.road.command(*words)
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)

    def _done(self) -> dict[str, int]:
        return dict(self.road.rows("SELECT job, count(*) FROM job_run WHERE outcome = 'ok' GROUP BY job"))

    def _owes_nothing(self, before: dict[str, int]) -> bool:
        """Tell whether stays and members were read twice since then, and all is sent that came of it."""
        since = self._done()
        read = all(since.get(job, 0) >= before.get(job, 0) + 2 for job in ("stays", "align"))
        return read and self.road.rows(UNFINISHED) == [(0,)]


@contextmanager
def soaking(home: Path, length: Length, seed: int) -> Iterator[Soak]:
    """Run a daemon at a chain of many hotels."""
    state = home / "sandbox"
    with Sandbox(state, since=length.since, until=date(2017, 8, 31), limit="off"):
        pass
    hotels = open_hotels(state, length.hotels)
    with Sandbox(state, limit="off", seed=seed) as sandbox:
        road = _road(home, sandbox.urls, sandbox.members_file, hotels, length)
        office = FrontOffice(sandbox.urls["mews"], sandbox.members_file, hotels, random.Random(seed))
        log = home / "log"
        with log.open("wb") as output:
            environment = variables() | dict(each.variable for each in hotels)
            environment |= {"LOYALTY_LOGGING__LEVEL": "INFO", "LOYALTY_LOGGING__FORMAT": "json"}
            daemon = subprocess.Popen(road.command("run"), env=environment, cwd=ROOT, stdout=output, stderr=output)
            try:
                yield Soak(road, office, daemon, log, environment)
            finally:
                daemon.kill()
                daemon.wait()


def _road(home: Path, urls: dict[str, str], members: Path, hotels: Sequence[Hotel], length: Length) -> Road:
    more = [each for each in hotels if each.table != each.of]
    again = 'retry_from = "1s"\nretry_up_to = "10s"'
    extra = {
        "mews": 'visibility = "1s"',
        "mews.properties.montreal": "\n".join(f"[mews.properties.{each.table}]" for each in more),
        "partners.miles_and_more": f'hold = "none"\n{again}',
        "partners.air_miles": again,
    }
    road = Road.written(home, urls, members, extra=extra)
    text = road.config.read_text(encoding="utf-8")
    codes = ", ".join(f'{each.table} = "0037"' for each in hotels if each.of == "montreal")
    text = text.replace('{ montreal = "0037" }', f"{{ {codes} }}") + f"\n[schedule]\n{length.schedule}\n"
    road.config.write_text(text, encoding="utf-8")
    return road


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
    claim = f"A daemon at {length.hotels} hotels for {length.seconds / 60:.0f} min with faults"
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
