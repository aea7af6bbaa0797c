"""The file that tells the scheme of deposits: each has one line, whenever the process that writes it dies."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connector.domain.deposits import Deposit, Kept
from connector.errors import Unfinished
from connector.schemes.deposit_file import COLUMNS, DepositFile

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
FIRST = "reference,kind,member,points,token,reverts,at\r\n"


def kept(number: int, member: str = "A-1", **more: object) -> Kept:
    return Kept(number, Deposit(f"x{number}", member, Decimal(5), "ALP", **more), AT)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> DepositFile:
    return DepositFile(tmp_path / "deposits.csv")


def text(file: DepositFile) -> str:
    return file.path.read_bytes().decode()


def test_a_line_is_added_for_each(file: DepositFile) -> None:
    assert file.append([kept(1)]) == 1
    assert file.append([kept(2, reverts="x1", at=AT.replace(hour=8))]) == 1
    assert text(file) == (
        FIRST
        + "x1,credit,A-1,5,ALP,,2026-11-28T09:30:00+00:00\r\n"
        + "x2,reversal,A-1,5,ALP,x1,2026-11-28T08:30:00+00:00\r\n"
    )


def test_one_that_has_a_line_gets_no_other(file: DepositFile) -> None:
    file.append([kept(1), kept(2)])
    assert file.append([kept(2), kept(3), kept(1)]) == 1
    assert [line.partition(",")[0] for line in text(file).splitlines()] == ["reference", "x1", "x2", "x3"]
    assert file.append([kept(1)]) == 0


def test_commas_and_quotes_of_a_member_are_quoted(file: DepositFile) -> None:
    file.append([kept(1, 'A "1", B')])
    with file.path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0]["member"] == 'A "1", B'
    assert tuple(rows[0]) == COLUMNS


def test_a_death_at_any_byte_leaves_each_line_once(file: DepositFile) -> None:
    both = [kept(1), kept(2, 'A "2", é')]
    file.append(both)
    whole = file.path.read_bytes()
    for length in range(len(whole) + 1):
        file.path.write_bytes(whole[:length])
        file.append(both)
        assert file.path.read_bytes() == whole


def test_lines_that_the_scheme_wrote_or_took_away_stay_as_they_are(file: DepositFile) -> None:
    file.path.write_text(FIRST.replace("\r", "") + "x9,credit,A-9,7,ALP,,then\n")
    file.append([kept(1)])
    assert text(file).splitlines()[1] == "x9,credit,A-9,7,ALP,,then"
    file.path.unlink()
    file.append([kept(2)])
    assert [line.partition(",")[0] for line in text(file).splitlines()] == ["reference", "x2"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"request_id,number,miles\n", "is another file; expected reference,kind,member,"),
        (b"\x00\x01\n", "is another file"),
        (FIRST.encode() + b"x9,credit,A-9", "does not end with a line break; expected it whole"),
    ],
)
def test_another_file_is_left_alone(file: DepositFile, content: bytes, why: str) -> None:
    file.path.write_bytes(content)
    with pytest.raises(Unfinished, match=why):
        file.append([kept(1)])
    assert file.path.read_bytes() == content


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unfinished, match=r"nowhere/deposits.csv: cannot be written: No such file or directory"):
        DepositFile(tmp_path / "nowhere" / "deposits.csv").append([kept(1)])


def test_a_full_disk_is_told_and_made_good(file: DepositFile, monkeypatch: pytest.MonkeyPatch) -> None:
    real, room = os.write, [60]

    def write(handle: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        done = real(handle, bytes(data)[: room[0]])
        room[0] -= done
        return done

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(Unfinished, match="cannot be written: No space left on device"):
        file.append([kept(1), kept(2)])
    room[0] = 10_000
    assert file.append([kept(1), kept(2)]) == 2
    assert [line.partition(",")[0] for line in text(file).splitlines()] == ["reference", "x1", "x2"]


def test_a_large_file_is_read_by_pieces(file: DepositFile) -> None:
    file.append([kept(number) for number in range(3000)])
    assert file.path.stat().st_size > 1 << 17
    assert file.append([kept(number) for number in range(2995, 3002)]) == 2
    assert len(text(file).splitlines()) == 3003
