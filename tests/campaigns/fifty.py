"""A daemon at a chain of many hotels, where guests leave, folios and members change, and much goes wrong."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from connector.sandbox.faults import parse
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import PARTNERS, ROOT, Road, variables
from tests.campaigns.estate import Hotel, open_hotels
from tests.campaigns.front_office import FrontOffice, send
from tests.campaigns.vitals import Vitals, look

FAULTS = (  # about one request in eight to Mews goes wrong, and one in five to the partners; none of AIR MILES's 503,
    # which is a maintenance that rests for five minutes
    "mews:*=503,probability=0.03",
    "mews:*=drop,probability=0.03",
    "mews:*=lose,probability=0.03",
    "mews:*=429,probability=0.01,header.Retry-After=1",
    "mews:*=delay,seconds=0.3,probability=0.03",
    *(
        f"{operation}={effect},probability={chance}"
        for operation in ("uplyft:createEvent", "airmiles:post")
        for effect, chance in (("lose", 0.06), ("drop", 0.05), ("garbage", 0.05), ("500", 0.04))
    ),
)
UNFINISHED = "SELECT count(*) FROM message WHERE state IN ('held', 'ready', 'in_flight', 'in_doubt')"
REST = 240.0  # seconds in which all is done once nothing goes wrong any more
_DRAIN = 50.0  # seconds that a stop is waited for


@dataclass(frozen=True, slots=True)
class Length:
    """How long a soak is, in seconds, how often something changes, and how often the daemon works."""

    seconds: float
    every: float
    schedule: str
    hotels: int = 50
    since: date = date(2017, 8, 20)


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
        self.daemon.wait(timeout=_DRAIN)
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
