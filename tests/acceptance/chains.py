"""A small chain to rehearse on: loaded once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connector.sandbox.serve import Sandbox
from tests.acceptance.road import Road

# nobody's hold ends while a test runs, and what Mews took before a lost answer is looked for at once
QUICK = {"mews": 'visibility = "1s"', "partners.miles_and_more": 'hold = "none"'}


def load(state: Path) -> Path:
    """Load some weeks of the packaged bookings into a state directory that no server uses afterwards."""
    with Sandbox(state, since=date(2017, 8, 20), until=date(2017, 8, 31), limit="off"):
        return state


@contextmanager
def chain(
    loaded: Path, home: Path, *, faults: tuple[str, ...] = (), extra: Mapping[str, str] = QUICK
) -> Iterator[Road]:
    """Give a copy of the loaded chain, its servers running, and a connector that knows nothing yet."""
    shutil.copytree(loaded, home / "sandbox")
    with Sandbox(home / "sandbox", limit="off", faults=faults) as sandbox:
        yield Road.written(home, sandbox.urls, sandbox.members_file, extra=extra)
