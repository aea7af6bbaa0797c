"""Rows for a person, a spreadsheet or a program: printed, or written to a file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from connector.cli.new_file import new_file
from connector.domain.money import plain

Format = Literal["table", "csv", "json"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(slots=True)
class CsvSheet:
    """Comma-separated rows as RFC 4180 has them; a text that a spreadsheet would take for a formula gets a ' first."""

    stream: IO[str]
    columns: Sequence[str]
    _writer: Any = field(init=False)

    def __post_init__(self) -> None:
        """Write the header."""
        self._writer = csv.writer(self.stream, lineterminator="\r\n")
        self._writer.writerow(self.columns)

    def add(self, row: Sequence[object]) -> None:
        """Write a row."""
        self._writer.writerow([_cell(each) for each in row])

    def end(self) -> None:
        """Nothing follows the rows."""


@dataclass(slots=True)
class JsonSheet:
    """A list of objects, written one by one."""

    stream: IO[str]
    columns: Sequence[str]
    _count: int = 0

    def add(self, row: Sequence[object]) -> None:
        """Write a row as an object; amounts as text, so that they stay exact."""
        named = dict(zip(self.columns, row, strict=True))
        self.stream.write("," if self._count else "[")
        self.stream.write(f"\n  {json.dumps(named, ensure_ascii=False, default=as_text)}")
        self._count += 1

    def end(self) -> None:
        """Close the list."""
        self.stream.write("\n]\n" if self._count else "[]\n")


@contextmanager
def sheet(kind: Literal["csv", "json"], output: Path | None, columns: Sequence[str]) -> Iterator[CsvSheet | JsonSheet]:
    """Open what rows are written to; without ``output`` they go to stdout, where what fails leaves a list open."""
    with target(output) as stream:
        opened: CsvSheet | JsonSheet = JsonSheet(stream, columns) if kind == "json" else CsvSheet(stream, columns)
        yield opened
        opened.end()


@contextmanager
def target(output: Path | None) -> Iterator[IO[str]]:
    """Open a file for text, which is there when it is whole, or stdout without a path."""
    if output is None:
        yield sys.stdout
        return
    with new_file(output, "--output") as file:
        yield file


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else as_text(value)


def as_text(value: object) -> str:
    """Write a value as text: amounts with two decimals or all that they have, moments in UTC with Z."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        whole, _, decimals = plain(value).partition(".")
        return f"{whole}.{decimals:0<2}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)
