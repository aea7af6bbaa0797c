"""The exclusive lock beside an SQLite file: one ``run`` or ``sync`` at a time. A killed process leaves none."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from connector.errors import Refused, Unfinished


@contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Hold the lock; raises Refused when another process holds it, Unfinished when its file cannot be written."""
    path = database.with_name(f"{database.name}.lock")
    with _opened(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"{database}: another run or sync works on this database; expected one at a time") from None
        yield


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except OSError as error:
        raise Unfinished(f"{path}: it cannot be written ({error.strerror}); expected a folder that can be") from error
