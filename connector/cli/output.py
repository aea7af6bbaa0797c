"""What commands say, and how they end."""

from __future__ import annotations

import errno
import json
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from connector.domain.numbers import without_payment_cards
from connector.errors import ConnectorError, Misconfigured, Refused

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # what room, time or another disk mends
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str) -> None:
    """Print a sentence for a person on stderr; it never repeats a payment card that somebody typed."""
    typer.echo(without_payment_cards(text), err=True)


def print_json(value: Any) -> None:
    """Print JSON, ids and dates as text."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@dataclass(slots=True)
class JsonList:
    """An object that is printed while it is made: first a list of any length, then its other keys."""

    count: int = 0

    def add(self, value: Any) -> None:
        """Print one entry of the list."""
        typer.echo(f"{',' if self.count else ''}\n    {_json(value)}", nl=False)
        self.count += 1

    def end(self, others: Mapping[str, Any]) -> None:
        """Print the other keys."""
        typer.echo("\n  ]" if self.count else "]", nl=False)
        for name, value in others.items():
            typer.echo(f",\n  {_json(name)}: {_json(value)}", nl=False)


@contextmanager
def json_list(name: str) -> Iterator[JsonList]:
    """Print an object that begins with a list; what fails in between leaves it open, and the exit code says so."""
    typer.echo(f"{{\n  {_json(name)}: [", nl=False)
    yield JsonList()
    typer.echo("\n}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def exit_code(error: ConnectorError) -> int:
    """Return the exit code of a failure: 2 configuration, 3 a guard or lock, 4 a remote system or a partial pass."""
    if isinstance(error, Misconfigured):
        return 2
    return 3 if isinstance(error, Refused) else 4


def defect(error: Exception) -> str:
    """Return a sentence about a defect: its kind and place, nothing of the data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "connector" in frame.filename]
    place = f"{ours[-1].filename.rpartition('connector/')[2]}:{ours[-1].lineno}" if ours else "an unknown place"
    return f"unexpected {type(error).__name__} at {place}: please report it with this line"


def unwritable(error: Exception) -> str:
    """Return the sentence about an output or a file that finds no space; "" for every other error."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        return ""
    return f"{error.filename or 'the output'} cannot be written: {error.strerror}; expected a disk with space"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print a table: with lines on a terminal, tab-separated elsewhere."""
    found = [[_text(cell) for cell in row] for row in rows]
    if not found:
        typer.echo(empty)
    elif sys.stdout.isatty():
        _rich_table(headers, found)
    else:
        for row in [list(headers), *found]:
            typer.echo("\t".join(row))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:%Y-%m-%d %H:%M:%S}Z" if hasattr(cell, "hour") else str(cell)


def _rich_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*headers, header_style="bold")
    for row in rows:
        drawn.add_row(*row)
    Console().print(drawn)
