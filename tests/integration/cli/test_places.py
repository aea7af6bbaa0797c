"""Where commands write: nothing begins at a mistaken path, nothing is left half, and nobody else reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.town import Office, Town, office
from tests.integration.delivery.test_disks import fill, mounted
from tests.integration.earning.chain import MEMBER

WRITING = {
    "export": ("ledger", "export", "--output", "{}/file"),
    "reconcile": ("ledger", "reconcile", "--output", "{}/file"),
    "subject": ("subject", "export", MEMBER, "--to", "{}/file"),
    "init": ("config", "init", "{}/file"),
    "backup": ("db", "backup", "{}/file"),
    "state": ("state", "export", "{}/file"),
}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk without space."""
    place = tmp_path / "full"
    place.mkdir()
    if not mounted(place, "size=64k"):
        pytest.skip("this machine lets nobody mount a disk")
    fill(place)
    yield place
    subprocess.run([shutil.which("umount") or "false", "--lazy", str(place)], check=True)


def piped(place: Office, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell, "$@" being its words."""
    line = [sys.executable, "-m", "connector", "--config", str(place.config), *words]
    return subprocess.run(
        ["bash", "-c", command, "bash", *line],
        env=place.environment,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("words", [("sync",), ("status",), ("db", "upgrade"), ("doctor",)], ids=" ".join)
def test_a_folder_that_does_not_exist_begins_no_ledger(served: Town, tmp_path: Path, words: tuple[str, ...]) -> None:
    there = office(tmp_path / "here", served, ("sqlite:///connector.db", "sqlite:///nowhere/connector.db"))
    done = there.run(*words)
    assert done.code == 2
    assert f"database.url: the folder {tmp_path}/here/nowhere does not exist" in done.errors
    assert not (tmp_path / "here/nowhere").exists()


def test_a_folder_that_may_not_be_looked_into_is_told(served: Town, tmp_path: Path) -> None:
    long = "x" * 300  # refused by every file system, for every user, as a folder is by its mode
    there = office(tmp_path / "here", served, ("sqlite:///connector.db", f"sqlite:///{long}/connector.db"))
    done = there.run("status")
    assert (done.code, len(done.errors.splitlines())) == (4, 1)
    assert "connector.db cannot be reached (File name too long); expected a folder that" in done.errors


def test_only_its_owner_reads_the_database_and_what_lies_beside_it(fresh: Office, tmp_path: Path) -> None:
    before = os.umask(0o022)
    fresh.run("ledger", "list")
    fresh.run("ledger", "export", "--output", str(fresh.database.with_name("all.csv")))
    os.umask(before)
    for name in ("connector.db", "connector.db.hash_key", "all.csv"):
        assert fresh.database.with_name(name).stat().st_mode & 0o777 == 0o600, name


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_a_full_disk_is_told_and_nothing_half_is_left(copied: Office, full: Path, words: tuple[str, ...]) -> None:
    before = sorted(os.listdir(full))
    done = copied.run(*(each.format(full) for each in words))
    assert done.code == 4
    assert len(done.errors.splitlines()) == 1
    assert "Traceback" not in done.errors
    assert sorted(os.listdir(full)) == before


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_a_folder_that_is_missing_is_a_mistake(copied: Office, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = copied.run(*(each.format(tmp_path / "nowhere") for each in words))
    assert (done.code, len(done.errors.splitlines())) == (2, 1)


def test_a_device_is_written_as_it_is(copied: Office) -> None:
    done = copied.run("ledger", "export", "--output", "/dev/full")
    assert done.code == 4
    assert "--output: /dev/full cannot be written: No space left on device" in done.errors
    assert copied.run("ledger", "export", "--output", "/dev/null").code == 0


def test_an_export_replaces_a_file_when_it_is_whole(copied: Office, tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("old")
    assert copied.run("ledger", "export", "--output", str(tmp_path / "all.csv")).code == 0
    assert (tmp_path / "all.csv").read_text().startswith("reference,partner,")


def test_an_output_without_space_is_told(copied: Office) -> None:
    done = piped(copied, '"$@" > /dev/full', "status")
    assert done.returncode == 4
    assert done.stderr == "the output cannot be written: No space left on device; expected a disk with space\n"


def test_a_reader_who_has_enough_ends_a_command_as_usual(copied: Office) -> None:
    done = piped(copied, '"$@" | true; exit ${PIPESTATUS[0]}', "config", "schema")
    assert (done.returncode, done.stderr) == (141, "")


INTERRUPTED = """
import os, signal, sys
from types import SimpleNamespace

def interrupted(name, *_):
    if name == "connector.cli":
        os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, SimpleNamespace(find_spec=interrupted))
from connector.__main__ import main
main()
"""


def test_an_interrupt_is_silent_also_before_a_command_begins(copied: Office) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], env=copied.environment, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("words", [("status",), ("ledger", "list"), ("db", "backup", "copy.db")], ids=" ".join)
def test_what_is_no_database_is_told(copied: Office, words: tuple[str, ...]) -> None:
    copied.database.write_bytes(b"no database at all" * 1000)
    done = copied.run(*words)
    assert (done.code, len(done.errors.splitlines())) == (4, 1)


def test_a_check_of_what_is_no_database_ends_as_its_help_says(copied: Office) -> None:
    copied.database.write_bytes(b"no database at all" * 1000)
    done = copied.run("db", "check")
    assert done.code == 3
    assert "database: its file is damaged, or is no database; stop the connector, keep the file" in done.errors
    assert "database: 1 fault; keep the file, restore a backup" in done.errors


def test_a_folder_is_no_database(copied: Office) -> None:
    copied.database.unlink()
    copied.database.mkdir()
    done = copied.run("status")
    assert done.code == 2
    assert f"database.url: {copied.database} is a folder" in done.errors


def test_the_demo_needs_a_place(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "connector", "demo", "--once", "--state", "/proc/nowhere"],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("demo: --state /proc/nowhere cannot be written: ")
