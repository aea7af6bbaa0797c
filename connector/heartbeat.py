"""The sign of life that the daemon leaves and ``health`` looks at: a small file, so that looking costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.errors import Unfinished
from connector.settings import Settings

STALE = timedelta(seconds=60)  # the daemon ticks every few seconds; this old, it does not run
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Life:
    """What a daemon tells of itself: its process, its start, when it read its configuration, when it refused another.

    ``at`` is when it told so; ``refused`` is None once a configuration was taken.
    """

    pid: int
    started: datetime
    configured: datetime
    refused: datetime | None = None
    at: datetime | None = None

    @property
    def age(self) -> timedelta:
        """How long ago that was told."""
        return datetime.now(UTC) - (self.at or datetime.min.replace(tzinfo=UTC))

    @property
    def lives(self) -> bool:
        """Tell whether that was told lately."""
        return self.age <= STALE


def place(settings: Settings) -> Path:
    """Return the file: beside an SQLite database, else in the runtime or temporary directory."""
    url = settings.database.url
    if url.startswith(_SQLITE):
        return Path(f"{url.removeprefix(_SQLITE)}.heartbeat")
    name = hashlib.sha256(str(settings.file).encode()).hexdigest()[:12]
    directory = os.environ.get("RUNTIME_DIRECTORY") or tempfile.gettempdir()
    return Path(directory) / f"loyalty-connector-{name}.heartbeat"


def beat(path: Path, life: Life) -> None:
    """Leave a sign of life."""
    fresh = path.with_name(f"{path.name}.new")
    refused = life.refused.isoformat() if life.refused else None
    told = {
        "at": datetime.now(UTC).isoformat(),
        "pid": life.pid,
        "started": life.started.isoformat(),
        "configured": life.configured.isoformat(),
        "refused": refused,
    }
    fresh.write_text(json.dumps(told))
    fresh.replace(path)


def last(settings: Settings) -> Life | None:
    """Return what the daemon told last; None when there is no sign of any."""
    try:
        told = json.loads(place(settings).read_text())
        at, started, configured = (datetime.fromisoformat(told[name]) for name in ("at", "started", "configured"))
        refused = datetime.fromisoformat(told["refused"]) if told["refused"] else None
        return Life(int(told["pid"]), started, configured, refused, at)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check(settings: Settings) -> str:
    """Return a sentence when the daemon's scheduler ticked lately; raises Unfinished when it did not."""
    life = last(settings)
    if life is None:
        raise Unfinished(f"health: no daemon of {settings.file} runs; expected `run` to be running")
    seconds = int(life.age.total_seconds())
    if not life.lives:
        raise Unfinished(f"health: the daemon last ticked {seconds} s ago; expected less than {STALE.seconds} s")
    return f"alive: the scheduler ticked {seconds} s ago"
