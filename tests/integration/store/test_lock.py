from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.errors import Refused
from connector.store.lock import exclusive

HOLD = """
import sys, pathlib
from connector.store.lock import exclusive
with exclusive(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until its standard input ends."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def taken(path: Path) -> bool:
    try:
        with exclusive(path):
            return False
    except Refused:
        return True


def test_a_second_run_is_refused_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    with exclusive(path), pytest.raises(Refused) as refused, exclusive(path):
        pass
    assert str(refused.value) == (f"{path}: another run or sync works on this database; expected one at a time")


def test_the_lock_is_free_again_afterwards_even_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    with pytest.raises(KeyError), exclusive(path):
        raise KeyError
    assert not taken(path)


def test_another_database_has_another_lock(tmp_path: Path) -> None:
    with exclusive(tmp_path / "one.db"):
        assert not taken(tmp_path / "two.db")


def test_another_process_is_refused_until_the_holder_ends(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    with other_process(path):
        assert taken(path)
    assert not taken(path)


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    with other_process(path) as process:
        assert taken(path)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        assert not taken(path)
