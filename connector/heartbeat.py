"""The sign of life that the daemon leaves and ``health`` looks at: a small file, so that looking costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.errors import Unfinished
from connector.settings import Settings

STALE = timedelta(seconds=60)  # the daemon ticks every few seconds; this old, it does not run
_SQLITE = "sqlite:///"


def place(settings: Settings) -> Path:
    """Return the file: beside an SQLite database, else in the runtime or temporary directory."""
    url = settings.database.url
    if url.startswith(_SQLITE):
        return Path(f"{url.removeprefix(_SQLITE)}.heartbeat")
    name = hashlib.sha256(str(settings.file).encode()).hexdigest()[:12]
    directory = os.environ.get("RUNTIME_DIRECTORY") or tempfile.gettempdir()
    return Path(directory) / f"loyalty-connector-{name}.heartbeat"


def beat(path: Path) -> None:
    """Leave a sign of life."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "pid": os.getpid()}))
    fresh.replace(path)


def check(settings: Settings) -> str:
    """Return a sentence when the daemon's scheduler ticked lately; raises Unfinished when it did not."""
    try:
        last = datetime.fromisoformat(json.loads(place(settings).read_text())["at"])
    except (OSError, ValueError, KeyError):
        raise Unfinished(f"health: no daemon of {settings.file} runs; expected `run` to be running") from None
    age = datetime.now(UTC) - last
    if age > STALE:
        seconds = int(age.total_seconds())
        raise Unfinished(f"health: the daemon last ticked {seconds} s ago; expected less than {STALE.seconds} s")
    return f"alive: the scheduler ticked {int(age.total_seconds())} s ago"
