"""A house: a copy of the state of everything (Mews, partners, scheme, our database), with its servers running.

States lie in memory where this machine has such a place, so that a copy and a durable commit cost little.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any, Literal

from connector.sandbox.credentials import environment
from connector.sandbox.lufthansa import application as lufthansa
from connector.sandbox.options import SandboxOptions
from connector.sandbox.qiibee.application import API_KEY
from tests import postgres
from tests.acceptance.chains import Hall, served
from tests.acceptance.forks import Ended, Forks
from tests.acceptance.posts import post
from tests.acceptance.road import shown
from tests.campaigns import hotels, roll

Engine = Literal["sqlite", "postgresql"]
TEMPLATE = Path(__file__).with_name("crash.toml")
_MEMORY = Path("/dev/shm")  # folders below it get names of chance
_lives = count(1)


def variables() -> dict[str, str]:
    """Return the environment of the commands: none of the user's settings, the sandbox's secrets."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    return inherited | {
        "LOYALTY_LOGGING__LEVEL": "CRITICAL",
        "LOYALTY_PRIVACY__HASH_KEY": "00" * 32,
        "LOYALTY_PARTNERS__EXCHANGE__API_KEY": API_KEY,
        "LOYALTY_PARTNERS__EARNED__CLIENT_ID": lufthansa.CLIENT_ID,
        "LOYALTY_PARTNERS__EARNED__CLIENT_SECRET": lufthansa.CLIENT_SECRET,
        **environment(),
    }


@dataclass(frozen=True, slots=True)
class State:
    """Everything at rest, to be copied: ``database`` names one of PostgreSQL, "" on SQLite."""

    folder: Path
    database: str = ""


@dataclass(frozen=True)
class House:
    """A copy of a state with its servers running. Moments are hours after the story's noon."""

    folder: Path
    noon: datetime
    hall: Hall
    forks: Forks
    database: str

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "connector.toml"

    @property
    def file(self) -> Path:
        """The database file, on SQLite."""
        return self.folder / "connector.db"

    @property
    def clock(self) -> str:
        """The endpoint that moves Mews's clock."""
        return f"{self.hall.urls['mews']}/_sandbox/clock"

    @property
    def is_sqlite(self) -> bool:
        """Tell which engine it is."""
        return self.database.startswith("sqlite")

    def run(self, *words: str, at: float, **fate: Any) -> Ended:
        """Run a command at a moment; ``fate`` are fields of ``forks.Job``."""
        ahead = (self.noon + timedelta(hours=at) - datetime.now(UTC)).total_seconds()
        post(self.clock, {"offset_seconds": ahead})
        done = self.forks.run(self.config, *words, ahead=ahead, clock=self.clock, narrow=True, **fate)
        self.hall.wait_until_idle()
        return done

    def happen(self, at: float) -> None:
        """Let reception and scheme do at a moment what they do on the second day."""
        moment = self.noon + timedelta(hours=at)
        post(self.clock, {"offset_seconds": (moment - datetime.now(UTC)).total_seconds()})
        programs = shown(self.hall.urls["mews"], "LoyaltyPrograms")
        alpen = next(each["Id"] for each in programs if each["Code"] == "ALPEN")
        for endpoint, body in hotels.changed(moment, alpen):
            post(f"{self.hall.urls['mews']}/_sandbox/{endpoint}", body)
        hotels.members(1).add_to(self.folder / "sandbox" / "members.json")


@dataclass
class Ground:
    """Where the states of one engine lie."""

    home: Path
    noon: datetime
    forks: Forks
    server: postgres.Server | None = None
    _kept: list[str] = field(default_factory=list)

    def begun(self) -> State:
        """Make the state in which the connector knows nothing yet."""
        folder = self.home / "begun"
        hotels.load(folder / "sandbox", self.noon)
        if self.server is None:
            return State(folder)
        self._kept.append(name := f"{self.home.name.replace('-', '_').lower()}_begun")
        return State(folder, self.server.create(name))

    @contextmanager
    def house(self, state: State, keep: str = "") -> Iterator[House]:
        """Open a copy of a state; it is gone at the end, or is kept under a name."""
        name = keep or f"life{next(_lives)}"
        folder = self.home / name
        shutil.copytree(state.folder, folder)
        database = self._copied(state, name)
        options = SandboxOptions(folder / "sandbox", limit="off")
        with served(options, {"roll": partial(roll.server, options.state / "members.json")}) as hall:
            house = House(folder, self.noon, hall, self.forks, self._url(folder, database))
            start = (self.noon - timedelta(days=20)).date().isoformat()
            words = Template(TEMPLATE.read_text()).substitute(hall.urls, start=start, database=house.database)
            house.config.write_text(words)
            yield house
        if not keep:
            shutil.rmtree(folder)
            if self.server:
                self.server.drop(database, force=True)

    def kept(self, name: str) -> State:
        """Return a state that was kept."""
        return State(self.home / name, self._database(name) if self.server else "")

    def _copied(self, state: State, name: str) -> str:
        return self.server.create(self._database(name), state.database) if self.server else ""

    def _database(self, name: str) -> str:
        return f"{self.home.name}_{name}".replace("-", "_").lower()

    def _url(self, folder: Path, database: str) -> str:
        return self.server.url(database) if self.server else f"sqlite:///{folder}/connector.db"


@contextmanager
def ground(
    engine: Engine, noon: datetime, server: postgres.Server | None = None, forks: Forks | None = None
) -> Iterator[Ground]:
    """Make a place for states of an engine; ``server`` and ``forks`` are used where they run already."""
    with ExitStack() as stack:
        memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        home = Path(stack.enter_context(TemporaryDirectory(prefix="crash", dir=memory)))
        if engine == "postgresql" and server is None:
            server = stack.enter_context(postgres.running(memory))
        forks = forks or stack.enter_context(Forks(home / "forks", variables()))
        yield Ground(home, noon, forks, server if engine == "postgresql" else None)
