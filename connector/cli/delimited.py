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

    Raises Misconfigured for a file that cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise Misconfigured(f"{command}: {file} cannot be read: {why}; {expected}") from None
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    header = [name.strip().lower() for name in next(rows, [])]
    return header, ((rows.line_num, row) for row in rows)


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)
