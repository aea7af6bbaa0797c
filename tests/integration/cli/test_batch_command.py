"""``ledger batch`` as a person runs it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.town import Done, Office, Town, office, town
from tests.integration.earning.chain import CHECK_OUT, COLLECTOR

DAY = CHECK_OUT.date()
PERIOD = ("--from", f"{DAY - timedelta(days=1)}", "--to", f"{DAY + timedelta(days=1)}")
LAYOUT = ("--provider", "AIRM", "--sponsor", "HOTL")


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Office]]:
    """An office whose partners are rehearsed, after a stay of a collector."""
    with town(tmp_path_factory.mktemp("town")) as served:
        desk = served.desk
        desk.member("g1", "AM", COLLECTOR)
        desk.stay(hotel="montreal", Number="4711")
        desk.charge("i1", 100, hotel="montreal")
        opened = office(tmp_path_factory.mktemp("office"), served, ('mode = "live"', 'mode = "shadow"'))
        assert opened.run("sync", "stays", "deliver", "--wait", "0s").code == 0
        yield served, opened


def batch(opened: Office, folder: Path, *words: str) -> Done:
    return opened.run("ledger", "batch", "--partner", "air_miles", "--directory", str(folder), *PERIOD, *words)


def test_what_was_rehearsed_is_written_once_for_its_owner_alone(shadowed: tuple[Town, Office], tmp_path: Path) -> None:
    done = batch(shadowed[1], tmp_path, *LAYOUT, "--sequence", "7", "--newline", "lf")
    assert (done.code, done.errors) == (0, "")
    file = tmp_path / "AIRM0007"
    assert done.output.startswith(f"{file}: 1 issuances, 5 miles; the layout is unofficial")
    assert COLLECTOR not in done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (_, record) = file.read_text().splitlines()
    assert (record[17:28], record[73:82]) == (COLLECTOR, "00000000E")
    again = batch(shadowed[1], tmp_path, *LAYOUT, "--sequence", "7")
    assert again.code == 3
    assert f"{file} exists already; expected a new --sequence" in again.errors


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--provider", "AIRM", "--sequence", "8"), "the sponsor code '' is not one; expected 4 letters or digits"),
        (
            (*LAYOUT, "--sequence", "8", "--newline", "cr"),
            "--newline 'cr' is not known; expected one of crlf, lf, none",
        ),
        ((*LAYOUT, "--sequence", "8", "--tender", "GOLD"), "--tender 'GOLD' is not known; expected CASH"),
        (
            (*LAYOUT, "--sequence", "8", "--partner", "miles_and_more"),
            "'miles_and_more' is no partner with batch files",
        ),
        ((*LAYOUT, "--sequence", "8", "--directory", "/nowhere"), "cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    shadowed: tuple[Town, Office], tmp_path: Path, words: tuple[str, ...], fault: str
) -> None:
    done = batch(shadowed[1], tmp_path, *words)
    assert done.code == 2
    assert fault in done.errors
    assert list(tmp_path.iterdir()) == []


def test_a_partner_that_is_sent_to_gets_no_file(shadowed: tuple[Town, Office], tmp_path: Path) -> None:
    live = office(tmp_path / "live", shadowed[0])
    done = batch(live, tmp_path, *LAYOUT, "--sequence", "1")
    assert done.code == 2
    assert 'are sent by its channel (mode = "live"), and a file would give them again' in done.errors
