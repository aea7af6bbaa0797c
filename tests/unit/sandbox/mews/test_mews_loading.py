"""The first load, made by a process beside the one that stores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.mews.loading import beside, chunks
from connector.sandbox.mews.state import State

Entry = tuple[str, dict[str, Any]]
# pytest's workers have threads, the sandbox's process has none when it loads
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "mews.db")
    yield opened
    opened.close()


def guests(count: int) -> Iterator[Entry]:
    for number in range(count):
        yield "Customers", {"Id": f"g{number}", "ChainId": "chain", "CreatedUtc": f"2026-01-01T00:00:{number % 60:02}Z"}


def failing(count: int) -> Iterator[Entry]:
    yield from guests(count)
    os._exit(3)


def test_what_another_process_made_is_stored_as_if_made_here(state: State, tmp_path: Path) -> None:
    here = State(tmp_path / "here.db")
    now = state.now()
    with beside(chunks(guests(1_234), now)) as arriving:
        assert state.load_chunks(arriving) == 1_234
    assert here.load_chunks(chunks(guests(1_234), now)) == 1_234
    assert list(state.walk("Customers")) == list(here.walk("Customers"))
    here.close()


def test_when_the_maker_ends_too_early_nothing_is_stored(state: State) -> None:
    with pytest.raises(OSError, match="ended before the last"), beside(chunks(failing(1_234), state.now())) as arriving:
        state.load_chunks(arriving)
    assert state.every("Customers") == []


def test_records_are_newest_first_by_their_creation_not_their_change(state: State) -> None:
    old = {"Id": "old", "ChainId": "chain", "CreatedUtc": "2026-01-01T00:00:00Z", "UpdatedUtc": "2026-03-01T00:00:00Z"}
    new = {"Id": "new", "ChainId": "chain", "CreatedUtc": "2026-02-01T00:00:00Z", "UpdatedUtc": "2026-02-01T00:00:00Z"}
    state.load([("Customers", new), ("Customers", old)])
    assert [record.id for record in state.every("Customers")] == ["new", "old"]


def test_no_process_is_left_when_the_reader_gives_up(state: State) -> None:
    with beside(chunks(guests(100_000), state.now())) as arriving:
        next(arriving)
    assert multiprocessing.active_children() == []
