"""One streaming pass over a delimited file: bytes hashed, text decoded, lines split into cells."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from connector.errors import Unfinished

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHANGED = "changed while it was being read; expected a finished file"

_BUFFER = 1 << 16


@contextmanager
def opened(path: Path) -> Iterator[Reading]:
    """Open a file for one pass; raises Unfinished with one sentence when it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            yield Reading(path, file)
    except OSError as error:
        reason = error.strerror or "input/output error"
        raise Unfinished(f"{path} cannot be read ({reason}); expected a readable members file.") from error


class Reading:
    """A pass that has read the header: its column names in lower case, and the delimiter that shows in it.

    Every method raises Unfinished when the file cannot be taken as a whole.
    """

    def __init__(self, path: Path, file: io.FileIO) -> None:
        self._path = path
        self._file = file
        self._stat = _stat(file)
        self._encoding = _encoding(file)
        self._source = _Hashed(file)
        buffered = io.BufferedReader(self._source, _BUFFER)
        self._lines = self._checked(io.TextIOWrapper(buffered, encoding=self._encoding, newline=""))
        self.last_line = ""
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
        self.require(_stat(self._file) == self._stat, CHANGED)

    def digest(self) -> str:
        """Return the SHA-256 of the bytes read, in hexadecimal digits: of the whole file after ``rows``."""
        return self._source.sha256.hexdigest()

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

    def _checked(self, text: io.TextIOWrapper) -> Iterator[str]:
        number, expected = 0, "expected UTF-8, or UTF-16 with its byte order mark"
        try:
            for number, line in enumerate(text, 1):
                if "\0" in line:
                    self.refuse(f"holds a NUL character in line {number}; {expected}")
                self.last_line = line
                yield line
        except UnicodeError:
            encoding = self._encoding.upper().removesuffix("-SIG")
            self.refuse(f"is not {encoding} somewhere after line {number}; {expected}")

    def _read_header(self) -> tuple[list[str], str]:
        line = next(self._lines, "")
        self.require(line.strip(), "is empty; expected a header and at least one member")
        parsed = {delimiter: _names(line, delimiter) for delimiter in ",;\t"}
        delimiter = max(parsed, key=lambda one: ("member_id" in parsed[one], len(parsed[one])))
        names = parsed[delimiter]
        self.require("member_id" in names, "has no column member_id; expected it in the first line")
        named = [name for name in names if name]
        self.require(len(set(named)) == len(named), "names a column twice; expected each column once")
        return names, delimiter


class _Hashed(io.RawIOBase):
    """The bytes of a file, hashed as they pass."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._file.readinto(buffer) or 0
        self.sha256.update(memoryview(buffer)[:count])
        return count


def column_name(text: str) -> str:
    """Return the name by which a column is known, however it is written in the header or the settings."""
    return text.strip().lower()


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [column_name(name) for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error:
        return []


def _encoding(file: io.FileIO) -> str:
    start = file.read(3)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if start == codecs.BOM_UTF8 else "utf-8"


def _stat(file: io.FileIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
