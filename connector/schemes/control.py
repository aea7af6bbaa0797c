"""What an export states of its file: how many members it wrote, and the checksum of the bytes."""

from __future__ import annotations

import codecs
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

LINE = "#rows=12345 or #rows=12345;sha256=…"

# A line break belongs to it: without one, #rows=123 may be the beginning of #rows=12345.
_LINE = re.compile(r"(?<![^\r\n])#rows=(\d{1,12})(?:;sha256=([0-9a-f]{64}))?\r?\n\Z", re.ASCII | re.IGNORECASE)
_TAIL = 512  # bytes, in which the longest control line has room, in UTF-16 too
_STATED = re.compile(r"rows=(\d{1,12})|sha256=([0-9a-f]{64})|\\?([0-9a-f]{64}) [ *].+", re.ASCII | re.IGNORECASE)
_LARGEST = 1 << 16  # bytes of a sidecar


class NoControl(ValueError):  # says what is there instead, as the rest of a sentence about the members file
    """Why nothing is stated."""


@dataclass(frozen=True, slots=True)
class Control:
    """The statement ``where``; None is not stated. ``written`` is when, in ns, if that can be told."""

    where: str = ""
    rows: int | None = None
    sha256: str | None = None
    written: int | None = None

    def fault(self, rows: int, sha256: str, changed: int) -> str:
        """Return what is not as stated of a file, which was last ``changed`` at that time in ns; "" when all is.

        The number alone may fit by accident when it was stated of an earlier file, a checksum never does.
        """
        if self.rows not in {None, rows}:
            found = f"{rows} member{'s' * (rows != 1)}, bad lines included"
            return f"holds {found}; expected {self.rows}, as {self.where} says"
        if self.sha256 not in {None, sha256}:
            return f"has the SHA-256 {sha256}; expected {self.sha256}, as {self.where} says"
        if self.sha256 is None and self.written is not None and self.written < changed:
            return f"was written after {self.where}; expected the number of its own members there, or a sha256"
        return ""


def control_line(file: io.FileIO, utf_16: bool) -> tuple[Control, int] | None:
    """Return what the last line states and the byte at which it begins; None when it states nothing."""
    size = os.fstat(file.fileno()).st_size
    codec = _byte_order(file) if utf_16 else "latin-1"
    file.seek(max(0, size - _TAIL) & ~1)
    found = _LINE.search(file.read(_TAIL + 1).decode(codec, "replace"))
    if found is None:
        return None
    length = len(found[0].encode(codec))
    return Control("its last line", int(found[1]), found[2] and found[2].lower()), size - length


def sidecar(path: Path) -> Control:
    """Return what the file beside a members file states; raises NoControl when that is nothing, or not all of it."""
    beside = path.with_name(f"{path.name}.control")
    content, written = _content(beside)
    text = _text(content, beside.name)
    if not text.endswith(("\n", "\r")):
        raise NoControl(f"has an unfinished {beside.name}; expected a line break at its end")
    rows, sums = _stated(text, beside.name)
    return Control(beside.name, rows, sums, written)


def _byte_order(file: io.FileIO) -> str:
    file.seek(0)
    return "utf-16-be" if file.read(2) == codecs.BOM_UTF16_BE else "utf-16-le"


def _content(beside: Path) -> tuple[bytes, int]:
    try:
        with beside.open("rb", buffering=0) as file:
            content, written = file.read(_LARGEST + 1), os.fstat(file.fileno()).st_mtime_ns
    except OSError as error:
        what = f"has no readable {beside.name} beside it ({error.strerror or 'input/output error'})"
        raise NoControl(f"{what}; expected one with rows= or sha256=") from error
    if len(content) > _LARGEST:
        raise NoControl(f"has a {beside.name} of more than {_LARGEST} bytes; expected a few lines")
    return content, written


def _text(content: bytes, name: str) -> str:
    # Windows PowerShell writes UTF-16 where nobody says otherwise.
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoControl(f"has a {name} that is not text; expected UTF-8") from error


def _stated(text: str, name: str) -> tuple[int | None, str | None]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [_STATED.fullmatch(line) for line in lines]
    rows = [int(one[1]) for one in found if one and one[1]]
    sums = [(one[2] or one[3]).lower() for one in found if one and not one[1]]
    if not found or None in found or len(rows) > 1 or len(sums) > 1:
        what = "rows= and sha256=, each once at most, or the line of sha256sum"
        raise NoControl(f"has a {name} with something else in it; expected {what}")
    return next(iter(rows), None), next(iter(sums), None)
