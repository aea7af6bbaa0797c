"""The file that a database moves in: gzip, one JSON value in a line.

First a header (``Header``), then for each table an object with its name and columns and an array for each row, then the
seal: a keyed hash of every byte before it. So a file that was cut off, altered, or written with another hash key is
noticed when it is read (``state_reading``). After the seal an import notes that it took the file's right to send.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from connector.errors import Misconfigured, Unfinished

FORMAT = "loyalty-connector state"
VERSION = 1
_KEY_PURPOSE = b"the key of a state file"
line_of = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself.

    ``revision`` is the database's, ``connector`` the version that wrote it, ``at`` when (ISO, UTC). ``tokens`` are
    digests of the access tokens that read the chain, ``key`` tells the hash key from others. ``right``: the database
    was left to this file, so that what is made of it may send. ``rows`` counts them by table.
    """

    revision: str
    connector: str
    at: str
    chain_id: str | None
    tokens: Sequence[str]
    key: str
    right: bool
    rows: Mapping[str, int]


def fingerprint(key: bytes) -> str:
    """Return what tells a hash key from others, and the key to nobody."""
    return hmac.new(key, _KEY_PURPOSE, hashlib.sha256).hexdigest()[:32]


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Writer:
    """Writes the lines of one file."""

    def __init__(self, out: _Sink, key: bytes) -> None:
        self._out = out
        self._seal = hmac.new(key, digestmod=hashlib.sha256)

    def header(self, header: Header) -> None:
        """Write the first line."""
        self._lines([{"format": FORMAT, "version": VERSION} | asdict(header)])

    def table(self, name: str, columns: Sequence[str]) -> None:
        """Begin a table."""
        self._lines([{"table": name, "columns": list(columns)}])

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of the table that was begun, as plain JSON values."""
        self._lines(rows)

    def seal(self) -> None:
        """End the file."""
        self._out.write(f"{line_of({'seal': self._seal.hexdigest()})}\n".encode())

    def _lines(self, values: Sequence[Any]) -> None:
        content = "".join([f"{line_of(each)}\n" for each in values]).encode()
        self._seal.update(content)
        self._out.write(content)


@contextmanager
def draft(path: Path, *, force: bool) -> Iterator[Draft]:
    """Open a file to be written beside ``path``; what was not given its name is removed.

    Raises Misconfigured when ``path`` exists and is not to be replaced, or lies in no folder, Unfinished when it cannot
    be written.
    """
    if path.exists() and not force:
        raise Misconfigured(f"{path}: it exists already; expected a path where there is no file, or --force")
    if not path.parent.is_dir():
        raise Misconfigured(f"{path}: its folder does not exist; expected one that does")
    made = path.with_name(f"{path.name}.partial")
    try:
        made.unlink(missing_ok=True)
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as raw:
            yield Draft(path, made, raw)
    except OSError as error:
        raise Unfinished(f"{path}: it cannot be written ({error.strerror}); expected space in a folder") from error
    finally:
        made.unlink(missing_ok=True)


@dataclass(slots=True)
class Draft:
    """A file that is not whole yet."""

    path: Path
    _made: Path
    _raw: IO[bytes]

    @contextmanager
    def writing(self, key: bytes) -> Iterator[Writer]:
        """Write everything; at the end it is sealed and on the disk."""
        with gzip.GzipFile("", "wb", 6, self._raw, mtime=0) as out:
            writer = Writer(out, key)
            yield writer
            writer.seal()
        self._raw.flush()
        os.fsync(self._raw.fileno())

    def name(self) -> None:
        """Give it its name."""
        self._made.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
