"""Requests to exchange points for miles, from a CSV file of the scheme; what became of them, to another file."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from connector.domain.exchanges import COLUMNS, Answer, BadRequest, Request, request
from connector.errors import Unfinished

_ANSWERS = ("request_id", "state", "miles", "partner_reference", "at")


class ExchangeFile:
    """A file of requests (UTF-8; comma, semicolon or tab) and the file for the answers, where there is to be one.

    The scheme adds lines, or writes the file anew; a line that stands there again is the same request.
    """

    def __init__(self, path: Path, answers: Path | None) -> None:
        self._path, self.answers = path, answers

    def stamp(self) -> str:
        """Return what changes whenever the file is written; raises Unfinished when it is missing."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise self._unfinished(f"cannot be read: {error.strerror}") from None
        return f"{found.st_mtime_ns} {found.st_size}"

    def read(self) -> Iterator[Request | BadRequest]:
        """Yield the file's lines; raises Unfinished for what is no such file, and for one that is being written.

        Its last line must end: of a number that is cut off the rest is a number too.
        """
        try:
            self._require_end()
            with self._path.open(encoding="utf-8-sig", newline="") as text:
                yield from self._requests(text)
        except OSError as error:
            raise self._unfinished(f"cannot be read: {error.strerror}") from None
        except UnicodeError:
            raise self._unfinished("is not UTF-8; expected UTF-8") from None
        except csv.Error as error:
            raise self._unfinished(f"is no CSV ({error}); expected CSV") from None

    @contextmanager
    def answering(self, place: Path) -> Iterator[Callable[[Iterable[Answer]], None]]:
        """Open the file of answers to be written anew, in one piece: it is what it was until the end."""
        draft = place.with_name(f"{place.name}.draft")
        try:
            with draft.open("w", encoding="utf-8", newline="") as text:
                rows = csv.writer(text)
                rows.writerow(_ANSWERS)
                yield lambda answers: rows.writerows(map(_row, answers))
            draft.replace(place)
        except OSError as error:
            raise Unfinished(f"{place}: cannot be written: {error.strerror}; expected a place to write") from None

    def _requests(self, text: TextIO) -> Iterator[Request | BadRequest]:
        first = text.readline()
        delimiter = max(",;\t", key=first.count)
        header = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
        rows = csv.reader(text, delimiter=delimiter)
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise self._unfinished(f"has no column {missing[0]}; expected {', '.join(COLUMNS)} in the first line")
        for cells in rows:
            if any(cells):
                yield self._request(rows.line_num + 1, header, cells)

    def _request(self, line: int, header: Sequence[str], cells: Sequence[str]) -> Request | BadRequest:
        if len(cells) != len(header):
            return BadRequest(f"line {line}", f"it has {len(cells)} fields; expected {len(header)}")
        return request(line, dict(zip(header, cells, strict=True)))

    def _require_end(self) -> None:
        with self._path.open("rb") as raw:
            empty = not raw.seek(0, os.SEEK_END)
            raw.seek(0 if empty else -1, os.SEEK_END)
            whole = empty or raw.read() == b"\n"
        if not whole:
            raise self._unfinished("does not end with a line break; expected it whole, or a moment until it is written")

    def _unfinished(self, text: str) -> Unfinished:
        return Unfinished(f"{self._path}: {text}")


def _row(answer: Answer) -> tuple[object, ...]:
    at = answer.at.isoformat(timespec="seconds") if answer.at else ""
    return answer.reference, answer.state, answer.miles, answer.partner_reference, at
