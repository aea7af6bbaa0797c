"""The exclusive lock beside an SQLite file: one ``run`` or ``sync`` at a time. A killed process leaves none."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import Refused


@contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Hold the lock; raises Refused when another process holds it."""
    path = database.with_name(f"{database.name}.lock")
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"{database}: another run or sync works on this database; expected one at a time") from None
        yield
