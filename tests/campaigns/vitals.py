"""What a process uses while it lives, and whether that grows."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024
_WAITING = "SELECT count(*) FROM message WHERE state IN ('ready', 'in_flight', 'in_doubt')"


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process and its files: ``at`` in seconds, memory and sizes in MiB, the rest counted."""

    at: float
    resident: float
    handles: int
    threads: int
    database: float
    journal: float
    logged: float
    waiting: int


def look(pid: int, database: Path, log: Path) -> Vitals:
    """Look at a living process."""
    return Vitals(
        at=time.monotonic(),
        resident=int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / _MIB,
        handles=len(os.listdir(f"/proc/{pid}/fd")),
        threads=len(os.listdir(f"/proc/{pid}/task")),
        database=_size(database),
        journal=max(_size(database.with_name(f"{database.name}-{end}")) for end in ("wal", "journal")),
        logged=_size(log),
        waiting=_waiting(database),
    )


def _size(file: Path) -> float:
    return file.stat().st_size / _MIB if file.exists() else 0.0


def _waiting(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(_WAITING).fetchone()[0])


def settled(looks: Sequence[Vitals]) -> Sequence[Vitals]:
    """Return the looks of the second half: until then caches fill and connections open."""
    return looks[len(looks) // 2 :]


def slope(looks: Sequence[Vitals], of: Callable[[Vitals], float]) -> float:
    """Return by how much something grows in a minute, by the straight line that fits best."""
    if len({each.at for each in looks}) < 2:
        return 0.0
    return 60 * statistics.linear_regression([each.at for each in looks], [of(each) for each in looks]).slope


def spread(looks: Sequence[Vitals], of: Callable[[Vitals], float]) -> float:
    """Return how much more the last quarter needs at its most than the first quarter did."""
    quarter = max(1, len(looks) // 4)
    return max(map(of, looks[-quarter:])) - max(map(of, looks[:quarter]))
