"""A chain that has worked for a day: what the pages of a console show."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from connector.bootstrap import application as opened
from connector.settings import load
from connector.web.application import application
from connector.web.console import Console
from connector.web.pulse import Pulse
from tests.integration.cli.town import MEMBERS, Office, Town, office, town
from tests.integration.earning.chain import COLLECTOR, NOW, PAYMENT_CARD
from tests.integration.earning.front_desk import wire
from tests.integration.web.site import LOGINS, OPERATORS, Site

REGULARS = "".join(f"A-{n},g{n}@guests.example,Anna,Berger,SILVER\n" for n in (6, 7, 8))
SHARED = f"{MEMBERS}{REGULARS}A-2,g1@guests.example,Anna,Berger,SILVER\n"  # A-1 is linked already, so A-2 is a case
SHORT = "99200366"  # no Miles & More number
TOMORROW = NOW + timedelta(days=2)  # NOW is yesterday


@dataclass(frozen=True)
class Hotel:
    """The servers, and the configuration whose database has seen them."""

    town: Town
    office: Office

    def copy(self, home: Path, text: str = "") -> Office:
        """Return a configuration with operators, and ``text``, over a copy of the database."""
        copied = office(home, self.town)
        (home / "members.csv").write_text(SHARED)
        copied.config.write_text(f"{copied.config.read_text()}{text or OPERATORS}", encoding="utf-8")
        for name in ("connector.db", "connector.db.hash_key"):
            shutil.copy(self.office.database.with_name(name), home / name)
        return copied


@contextmanager
def hotel(folder: Path) -> Iterator[Hotel]:
    """Two stays that were credited, one without a number, one with a payment card; an arrival; a disputed member."""
    with town(folder / "town") as served:
        desk = served.desk
        desk.member("g1")
        desk.member("g2", "AM", COLLECTOR)
        desk.guest("g3")
        desk.member("g4", number=PAYMENT_CARD)
        desk.member("g5", number=SHORT)
        for number, place in enumerate(("wien", "montreal", "wien", "wien"), start=1):
            desk.stay(f"r{number}", f"g{number}", place, ChannelNumber=f"channel-{number}")
            desk.charge(f"i{number}", 200, f"r{number}", place)
        for number in (6, 7, 8):
            desk.guest(f"g{number}")
        later = {"ScheduledStartUtc": wire(TOMORROW), "ScheduledEndUtc": wire(TOMORROW + timedelta(days=2))}
        desk.stay("r5", "g5", State="Confirmed", ActualEndUtc=None, **later)
        working = office(folder / "office", served)
        working.config.with_name("members.csv").write_text(MEMBERS + REGULARS)
        assert working.run("sync", "--wait", "0s").code == 0
        (working.config.with_name("members.csv")).write_text(SHARED)
        assert working.run("plan").code == 0
        yield Hotel(served, working)


@asynccontextmanager
async def hall(at: Office, logins: Mapping[str, str] = LOGINS) -> AsyncIterator[Site]:
    """Open the console of a configuration."""
    async with opened(load(at.config, at.environment | dict(logins))) as app:
        console = Console(app, Pulse())
        try:
            yield Site(console, application(console))
        finally:
            await console.planner.aclose()


def tell(at: Office, statement: str) -> None:
    """Change the database as nothing else would."""
    with closing(sqlite3.connect(at.database)) as database, database:
        database.execute(statement)
