"""Bars for long work, on a terminal only; they leave nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from connector.jobs.chain import Chain
    from connector.ports import Progress


@contextmanager
def watched(chain: Chain) -> Iterator[None]:
    """Show on stderr how far the chain's jobs are, as long as that is a terminal."""
    with shown() as progress:
        chain.progress = progress
        yield


@contextmanager
def shown() -> Iterator[Progress]:
    """Give somebody to tell of long work, who shows it on stderr as long as that is a terminal."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    with _bars() as bars:
        yield _Shown(bars)


def _unseen(what: str, done: int, total: int | None = None) -> None:
    """Nobody looks."""


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)


@dataclass(slots=True)
class _Shown:
    """A bar for each kind of work."""

    bars: Bars
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int | None = None) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(what, total=None)
        self.bars.update(self.tasks[what], advance=done, total=total)
