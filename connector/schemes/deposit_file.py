"""What members deposited at a partner, as lines that are appended to a CSV file of the scheme, each of them once.

A line may have been written by a process that died before it noted that, or by one whose database was restored from
an older copy. So the file itself says what it holds: whatever is appended is looked for in it first. A line that such
a death cut off is taken away again before the same line is written whole.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path

from connector.domain.deposits import Kept
from connector.errors import Unfinished

COLUMNS = ("reference", "kind", "member", "points", "token", "reverts", "at")
_HEADER = (",".join(COLUMNS) + "\r\n").encode()
_BLOCK = 1 << 16


class DepositFile:
    """The file (UTF-8, commas), made with a first line of the columns' names when it is missing.

    The scheme reads whole lines, and may move the file away when it has read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, deposits: Sequence[Kept]) -> int:
        """Write a durable line for each deposit that has none yet; return how many that were.

        Raises Unfinished when that cannot be done, or what is there is no such file.
        """
        try:
            with _opened(self.path) as file:
                return self._append(file.fileno(), deposits)
        except OSError as error:
            raise self._unfinished(f"cannot be written: {error.strerror}; expected a place to write") from None

    def _append(self, file: int, deposits: Sequence[Kept]) -> int:
        lines = {each.deposit.reference: _line(each) for each in deposits}
        held, tail = self._there(file, set(lines))
        missing = [line for reference, line in lines.items() if reference not in held]
        cut = [*missing, _HEADER]
        if tail and not any(line.startswith(tail) for line in cut):
            raise self._unfinished("does not end with a line break; expected it whole, or another place")
        size = os.fstat(file).st_size - len(tail)
        if tail:
            os.ftruncate(file, size)
        text = (b"" if size else _HEADER) + b"".join(missing)
        _write(file, text)
        os.fsync(file)
        return len(missing)

    def _there(self, file: int, sought: set[str]) -> tuple[set[str], bytes]:
        """Return which references have a line, and what stands after the last line break."""
        found: set[str] = set()
        tail, first = b"", True
        for line in _lines(file):
            if not line.endswith(b"\n"):
                tail = line
            elif first:
                self._require_header(line)
            else:
                reference = line.partition(b",")[0].decode("utf-8", "replace")
                found |= {reference} & sought
            first = False
        return found, tail

    def _require_header(self, line: bytes) -> None:
        if line.strip().removeprefix(b"\xef\xbb\xbf") != _HEADER.strip():
            raise self._unfinished(f"is another file; expected {','.join(COLUMNS)} in the first line, or no file")

    def _unfinished(self, text: str) -> Unfinished:
        return Unfinished(f"{self.path}: {text}")


def _opened(path: Path):  # type: ignore[no-untyped-def]  # a raw file, whose type has no short name
    """Open the file to read and append; a new one is durable with its folder."""
    try:
        return path.open("r+b", buffering=0)
    except FileNotFoundError:
        made = path.open("x+b", buffering=0)
        with suppress(OSError):  # not every system syncs folders
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return made


def _lines(file: int) -> Iterator[bytes]:
    """Yield the lines of an open file, the last one perhaps without its line break."""
    os.lseek(file, 0, os.SEEK_SET)
    rest = b""
    while block := os.read(file, _BLOCK):
        *whole, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _write(file: int, text: bytes) -> None:
    os.lseek(file, 0, os.SEEK_END)
    left = memoryview(text)
    while left:
        left = left[os.write(file, left) :]


def _line(kept: Kept) -> bytes:
    told, row = kept.deposit, StringIO(newline="")
    at = (told.at or kept.received_at).isoformat(timespec="seconds")
    csv.writer(row).writerow((told.reference, told.kind, told.member, f"{told.points:f}", told.token, told.reverts, at))
    return row.getvalue().encode()
