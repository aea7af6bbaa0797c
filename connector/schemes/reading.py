"""One streaming pass over a delimited file: bytes hashed, text decoded, lines split into cells."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from connector.errors import Unfinished
from connector.schemes.control import LINE, Control, NoControl, control_line, sidecar
from connector.schemes.encoding import EXPECTED, Utf8, codec, marked
from connector.schemes.form import Form
from connector.schemes.spelling import Spelling

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHANGED = "changed while it was being read; expected a finished file"

_BUFFER = 1 << 16
_LINES = 100  # are looked at together: one by one would cost more than all that is looked for


@contextmanager
def opened(path: Path, form: Form, spelling: Spelling | None = None) -> Iterator[Reading]:
    """Open a file of this form for one pass, whose letters are counted in ``spelling`` if it is given.

    Raises Unfinished with one sentence when it cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            yield Reading(path, file, form, spelling)
    except OSError as error:
        reason = error.strerror or "input/output error"
        raise Unfinished(f"{path} cannot be read ({reason}); expected a readable members file.") from error


class Reading:
    """A pass that has read the header: its column names in lower case, and the delimiter that shows in it.

    Every method raises Unfinished when the file cannot be taken as a whole.
    """

    def __init__(self, path: Path, file: io.FileIO, form: Form, spelling: Spelling | None) -> None:
        self._path = path
        self._file = file
        self._form = form
        self._spelling = spelling
        self._stat = _stat(file)
        self._codec = self._read_mark()
        self._control, end = self._read_control()
        self._source = _Hashed(file, end, Utf8() if form.encoding == "windows-1252" else None)
        buffered = io.BufferedReader(self._source, _BUFFER)
        self._lines = self._checked(io.TextIOWrapper(buffered, encoding=self._codec, newline=""))
        self._header_line = self._last_line = ""
        self.header, self._delimiter = self._read_header()

    def rows(self) -> Iterator[tuple[list[str], int, int]]:
        """Yield cells, number of the last physical line, count of physical lines; skip empty lines."""
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                spans, line = reader.line_num + 1 - line, reader.line_num + 1
                if cells:
                    yield cells, line, spans
        except csv.Error as error:
            at = reader.line_num + 1
            self.refuse(f"cannot be split into cells at line {at} ({error}); expected closed quotes")
        self._refuse_utf8()
        self.require(_stat(self._file) == self._stat, CHANGED)

    def digest(self) -> str:
        """Return the SHA-256 of the bytes read, in hexadecimal digits: after ``rows`` of all but a control line."""
        return self._source.sha256.hexdigest()

    @property
    def ends_whole(self) -> bool:
        """Tell, after ``rows``, whether a line break ends the file, and not the first half of one."""
        return self._last_line.endswith("\n" if self._header_line.endswith("\n") else ("\n", "\r"))

    def require_stated(self, rows: int) -> None:
        """Raise Unfinished, after ``rows``, unless the file is what its export states, and still states."""
        if self._form.control == "sidecar":
            self.require(self._beside() == self._control, CHANGED)
        fault = self._control.fault(rows, self.digest(), changed=self._stat[1])
        self.require(not fault, fault)

    @property
    def size(self) -> int:
        """The file's bytes."""
        return self._stat[0]

    def require(self, condition: object, otherwise: str) -> None:
        """Raise Unfinished about this file unless the condition holds."""
        if not condition:
            self.refuse(otherwise)

    def refuse(self, why: str) -> NoReturn:
        """Raise Unfinished about this file."""
        raise Unfinished(f"{self._path} {why}; nothing of it was applied.")

    def _read_mark(self) -> str:
        mark, wanted = marked(self._file.read(3)), self._form.encoding
        self._file.seek(0)
        found = codec(mark, wanted)
        begins = "no byte order mark" if mark == "auto" else f"the byte order mark of {mark.upper()}"
        self.require(found, f"begins with {begins}; expected {EXPECTED[wanted]}")
        return found

    def _read_control(self) -> tuple[Control, int | None]:
        """Return what is stated of the file, and the byte at which its members end when that is not its own end."""
        found, wanted = control_line(self._file, self._codec == "utf-16"), self._form.control
        self._file.seek(0)
        if wanted == "line":
            missing = f"is truncated; expected a last line {LINE} that ends with a line break, as scheme.control says"
            self.require(found, missing)
        else:
            self.require(not found, 'ends with a control line; expected scheme.control = "line" for such a file')
        return found or (self._beside() if wanted == "sidecar" else Control(), None)

    def _beside(self) -> Control:
        try:
            return sidecar(self._path)
        except NoControl as why:
            self.refuse(str(why))

    def _checked(self, text: io.TextIOWrapper) -> Iterator[str]:
        before = 0
        try:
            while lines := list(islice(text, _LINES)):
                self._look(lines, before)
                before += len(lines)
                self._last_line = lines[-1]
                yield from lines
        except UnicodeError:
            self._refuse_utf8()
            encoding = self._codec.upper().removesuffix("-SIG")
            self.refuse(f"is not {encoding} somewhere after line {before}; expected {EXPECTED[self._form.encoding]}")

    def _look(self, lines: list[str], before: int) -> None:
        text = "".join(lines)
        if "\0" in text:
            at = before + next(number for number, line in enumerate(lines, 1) if "\0" in line)
            self.refuse(f"holds a NUL character in line {at}; expected {EXPECTED[self._form.encoding]}")
        if self._spelling is not None and not text.isascii():
            self._spelling.look(lines, text, before)

    def _refuse_utf8(self) -> None:
        what = "is UTF-8 wherever it is not ASCII, so it was most likely re-encoded"
        self.require(not self._source.utf8, f"{what}; expected {EXPECTED[self._form.encoding]}")

    def _read_header(self) -> tuple[list[str], str]:
        line, wanted = next(self._lines, ""), self._form.delimiter
        self._header_line = line
        self.require(line.strip(), "is empty; expected a header and at least one member")
        parsed = {one: _names(line, one) for one in (",;\t" if wanted == "auto" else wanted)}
        delimiter = max(parsed, key=lambda one: ("member_id" in parsed[one], len(parsed[one])))
        names = parsed[delimiter]
        between = "" if wanted == "auto" else f", between {json.dumps(wanted)} as scheme.delimiter says"
        self.require("member_id" in names, f"has no column member_id; expected it in the first line{between}")
        named = [name for name in names if name]
        self.require(len(set(named)) == len(named), "names a column twice; expected each column once")
        return names, delimiter


class _Hashed(io.RawIOBase):
    """The bytes of a file up to an ``end``, hashed as they pass; ``utf8`` is told of them if it is asked."""

    def __init__(self, file: io.FileIO, end: int | None, utf8: Utf8 | None) -> None:
        self._file = file
        self._left = sys.maxsize if end is None else end
        self.utf8 = utf8
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._file.readinto(memoryview(buffer)[: self._left]) or 0
        self._left -= count
        passing = memoryview(buffer)[:count]
        self.sha256.update(passing)
        if self.utf8 is not None:
            self.utf8.see(bytes(passing))
        return count


def column_name(text: str) -> str:
    """Return the name by which a column is known, however it is written in the header or the settings."""
    return text.strip().lower()


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [column_name(name) for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error:
        return []


def _stat(file: io.FileIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
