"""Files of cells that somebody else wrote: CSV in UTF-8, whatever separates the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from connector.errors import Misconfigured

Rows = Iterator[tuple[int, Sequence[str]]]


def opened(file: Path, command: str, expected: str) -> tuple[list[str], Rows]:
    """Return the header in lower case, and the rows with the number of the line in which each ends.

    Raises Misconfigured for a file that cannot be read, or turns out to be no CSV while its rows are taken.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise Misconfigured(f"{command}: {file} cannot be read: {why}; {expected}") from None
    if "\0" in text:
        raise Misconfigured(f"{command}: {file} holds a NUL character; {expected}")
    rows = _rows(text, f"{command}: {file} is no CSV file; {expected}")
    header = [name.strip().lower() for name in next(rows, (0, []))[1]]
    return header, rows


def _rows(text: str, otherwise: str) -> Rows:
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error:
        raise Misconfigured(otherwise) from None


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)
