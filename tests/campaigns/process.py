"""One proof in a process of its own: a crash, a hang or a leak of one is a row of the table and harms no other.

The process writes each figure to a file as soon as it knows it, so that what a campaign found before it broke is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from tests.acceptance.road import ROOT
from tests.campaigns.figures import Figure, Profile
from tests.campaigns.proofs import Proof

GLANCE = 0.5  # seconds between two looks for new figures
LAST_WORDS = 15  # lines of what a proof printed that are shown when it broke


@dataclass(frozen=True, slots=True)
class Finding:
    """What a proof found, how many seconds it took, and the end of what it printed."""

    proof: Proof
    figures: tuple[Figure, ...]
    seconds: float
    printed: str

    @property
    def holds(self) -> bool:
        """Whether every figure does."""
        return all(each.holds for each in self.figures)


@contextlib.contextmanager
def _scratch(proof: Proof) -> Iterator[str]:
    """Give a proof its folder for what is temporary; a database server in it may run as somebody else."""
    with tempfile.TemporaryDirectory(prefix=f"proof-{proof.name}-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield name


async def found(proof: Proof, profile: Profile, patience: timedelta, heard: Callable[[Proof, Figure], None]) -> Finding:
    """Run a proof to its end; ``heard`` is told each figure as it comes. What breaks is a figure that does not hold."""
    began = time.monotonic()
    with _scratch(proof) as scratch:
        figures, output = Path(scratch) / "figures", Path(scratch) / "output"
        figures.touch()
        with output.open("wb") as printing:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.campaigns.process", proof.module, profile, str(figures)),
                cwd=ROOT,
                env={**os.environ, "TMPDIR": scratch},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=printing,
                stderr=printing,
                start_new_session=True,
            )
        told = _Told(proof, figures, heard)
        try:
            broken = await _watched(process, patience, told)
        finally:
            await _ended(process)
        printed = output.read_text(encoding="utf-8", errors="replace")
    if broken is None and not told.figures:
        broken = "it told no figure"
    if broken:
        reason = next((line for line in reversed(printed.splitlines()) if line.strip()), "")
        figure = ": ".join(each for each in (broken, reason) if each)
        told.take(Figure(f"`{proof.name}` runs to its end", figure, "no break", False))
    last = "\n".join(printed.splitlines()[-LAST_WORDS:])
    return Finding(proof, tuple(told.figures), time.monotonic() - began, last)


class _Told:
    """The figures that a proof has told so far."""

    def __init__(self, proof: Proof, file: Path, heard: Callable[[Proof, Figure], None]) -> None:
        self.figures: list[Figure] = []
        self._proof, self._file, self._heard, self._read = proof, file, heard, 0

    def look(self) -> None:
        """Take what is new in the file; the last line may still be half written."""
        new = self._file.read_bytes()[self._read :]
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self.take(Figure(**json.loads(line)))

    def take(self, figure: Figure) -> None:
        """Add one, and say so."""
        self.figures.append(figure)
        self._heard(self._proof, figure)


async def _watched(process: asyncio.subprocess.Process, patience: timedelta, told: _Told) -> str | None:
    """Take figures until the process ends; return how it broke, if it did."""
    deadline = time.monotonic() + patience.total_seconds()
    while process.returncode is None and time.monotonic() < deadline:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GLANCE)
        told.look()
    if process.returncode is None:
        return f"it was ended after {patience}"
    if process.returncode < 0:
        return f"it was killed by {signal.Signals(-process.returncode).name}"
    return f"it ended with exit {process.returncode}" if process.returncode else None


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End what a proof left running: it leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def main(module: str, profile: str, figures: str) -> None:
    """Be the process: run the campaign of a module and write its figures, one JSON object a line."""
    campaign = cast("Callable[[str], Iterator[Figure]]", importlib.import_module(module).campaign)
    with Path(figures).open("a", encoding="utf-8") as file:
        for figure in campaign(profile):
            file.write(json.dumps(asdict(figure)) + "\n")
            file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
