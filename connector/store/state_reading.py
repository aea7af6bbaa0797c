"""Reading a state file: nothing of one that is not whole is believed."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from connector.errors import ConnectorError, Misconfigured, Refused
from connector.store.state_file import FORMAT, VERSION, Header, line_of


@dataclass(frozen=True, slots=True)
class Begun:
    """A table whose rows follow, each with the values of these columns."""

    table: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Reader:
    """Reads one file. What is wrong with it is Refused in one sentence; one that cannot be read is Misconfigured.

    ``taken`` says when and by whom its right to send was taken, once everything was read.
    """

    path: Path
    key: bytes
    taken: str = field(default="", init=False)

    def header(self) -> Header:
        """Return the header, which nothing vouches for before the file was read to its end."""
        for first in self._lines():
            return self._header(first)
        raise self._damaged()

    def verify(self) -> None:
        """Read the file to its end; raises Refused unless it is what was written."""
        counts: dict[str, int] = {}
        name = ""
        for value in self.values(parse_rows=False):
            if isinstance(value, Begun):
                name = value.table
            counts[name] = counts.get(name, -1) + 1
        if counts != dict(self.header().rows):
            raise self._damaged()

    def values(self, *, parse_rows: bool = True) -> Iterator[Begun | list[Any]]:
        """Yield each table that begins and then its rows; at the end it is sure that all was as written.

        Without ``parse_rows`` a row is an empty list.
        """
        seal = hmac.new(self.key, digestmod=hashlib.sha256)
        lines = self._lines()
        seal.update(next(lines, b""))
        for line in lines:
            is_row = line.startswith(b"[")
            value: Any = self._parsed(line) if parse_rows or not is_row else []
            if not is_row and "seal" in value:
                if not hmac.compare_digest(str(value["seal"]), seal.hexdigest()):
                    break
                self.taken = self._note(lines)
                return
            seal.update(line)
            yield value if is_row else Begun(str(value.get("table")), tuple(value.get("columns", ())))
        raise self._damaged()

    def _note(self, lines: Iterator[bytes]) -> str:
        """Return what stands behind the seal: who took the right, "" if nobody did."""
        try:
            found = [str(self._parsed(line).get("taken")) for line in lines]
        except Refused:  # the note was being written when its process died
            return "an import that did not end"
        return found[-1] if found else ""

    @contextmanager
    def held(self) -> Iterator[IO[bytes]]:
        """Keep other imports from the file, and give it for ``take``; raises Refused where that could not be done."""
        try:
            raw = self.path.open("ab")
        except OSError as error:
            raise Refused(self._unwritable(error)) from error
        with raw:
            try:
                fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused(f"{self.path}: another import reads it; expected one at a time") from None
            yield raw

    def take(self, raw: IO[bytes], words: str) -> None:
        """Note in the file that its right to send is taken."""
        try:
            raw.write(gzip.compress(f"{line_of({'taken': words})}\n".encode()))
            raw.flush()
            os.fsync(raw.fileno())
        except OSError as error:
            raise Refused(self._unwritable(error)) from error

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self.path}: it cannot be written ({error.strerror}); expected a file in which the import may note that "
            "it took the right to send, so that no second database does"
        )

    def _header(self, line: bytes) -> Header:
        value = self._parsed(line)
        if value.get("format") != FORMAT:
            raise Refused(f"{self.path}: it is no file of `state export`")
        if value.get("version") != VERSION:
            raise Refused(
                f"{self.path}: it was written by connector {value.get('connector')} in a newer form; expected this "
                "program to be updated first"
            )
        try:
            return Header(**{name: value[name] for name in Header.__dataclass_fields__})
        except KeyError:
            raise self._damaged() from None

    def _parsed(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except ValueError:
            raise self._damaged() from None

    def _lines(self) -> Iterator[bytes]:
        try:
            with gzip.open(self.path, "rb") as lines:
                yield from lines
        except FileNotFoundError:
            raise Misconfigured(f"{self.path}: it does not exist; expected a file of `state export`") from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise self._damaged() from None
        except OSError as error:
            raise Misconfigured(
                f"{self.path}: it cannot be read ({error.strerror}); expected a readable file"
            ) from None

    def _damaged(self) -> Refused:
        return Refused(
            f"{self.path}: it is not whole, or was altered since it was written; expected the file as `state export` "
            "left it, copy it again"
        )


def withdraw(path: Path, words: str) -> None:
    """Take the right from a file that still lies where it was written, so that its import makes a copy.

    Raises Refused where that cannot be noted.
    """
    reader = Reader(path, b"")
    try:
        reader.header()
    except ConnectorError:  # it lies elsewhere, or something else lies here
        return
    with reader.held() as raw:
        reader.take(raw, words)
