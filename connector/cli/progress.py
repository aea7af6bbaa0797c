"""Bars for long work, on a terminal only; they leave nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from connector.jobs.chain import Chain


@contextmanager
def watched(chain: Chain) -> Iterator[None]:
    """Show on stderr how far the chain's jobs are, as long as that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with _bars() as bars:
        chain.progress = _Shown(bars)
        yield


def _bars() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)


@dataclass(slots=True)
class _Shown:
    """A bar for each kind of work."""

    bars: Progress
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int | None = None) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(what, total=None)
        self.bars.update(self.tasks[what], advance=done, total=total)
