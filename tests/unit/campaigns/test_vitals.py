"""What a soak judges by: a process looked at, lines through what was seen."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.campaigns.vitals import Vitals, look, settled, slope, spread


@pytest.fixture
def first(tmp_path: Path) -> Vitals:
    """A look at this process."""
    with closing(sqlite3.connect(tmp_path / "some.db")) as connection, connection:
        connection.execute("CREATE TABLE message (state TEXT)")
        connection.executemany("INSERT INTO message VALUES (?)", [("ready",), ("credited",), ("in_doubt",)])
    (tmp_path / "log").write_text("x" * 1024 * 1024)
    return look(os.getpid(), tmp_path / "some.db", tmp_path / "log")


def test_a_look_tells_memory_handles_files_and_what_waits(first: Vitals) -> None:
    assert 20 < first.resident < 2000
    assert first.handles >= 3
    assert first.threads >= 1
    assert (first.logged, first.waiting, first.journal) == (1.0, 2, 0.0)
    assert first.database > 0


def test_what_grows_is_seen_and_what_goes_up_and_down_is_not(first: Vitals) -> None:
    minutes = range(60)
    leaking = [replace(first, at=60.0 * each, resident=100 + 0.5 * each) for each in minutes]
    breathing = [replace(first, at=60.0 * each, resident=100 + each % 7) for each in minutes]
    assert slope(leaking, lambda each: each.resident) == pytest.approx(0.5)
    assert abs(slope(breathing, lambda each: each.resident)) < 0.05
    assert spread(leaking, lambda each: each.resident) == pytest.approx(22.5)
    assert spread(breathing, lambda each: each.resident) == 0
    assert len(settled(leaking)) == 30


def test_one_look_has_no_slope(first: Vitals) -> None:
    assert slope([first], lambda each: each.resident) == 0.0
