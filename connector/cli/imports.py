"""``ledger import``: a file of stays for which somebody else gave the miles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.delimited import opened
from connector.cli.output import AsJson, counted, print_json, say
from connector.errors import Misconfigured, Unfinished

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.imports import Credited, Imported

_MILES = re.compile(r"\d{1,9}", re.ASCII)
_EXPECTED = "expected a CSV file in UTF-8 with a column reservation"


def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV with a column reservation (number, id or channel number), and miles if known.")
    ],
    partner: Annotated[str, typer.Option(help="The partner that credited them, as the settings call it.")],
    operator: Annotated[str, typer.Option(help="Who decides this; the mark keeps the name.")],
    reason: Annotated[str, typer.Option(help="Why, without names; the mark keeps it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Mark stays as credited elsewhere, as by a predecessor: they earn nothing here."""
    from connector.cli.claims import signed
    from connector.cli.session import within

    lines, faults = credits_in(file)

    async def work(app: App) -> Imported:
        from connector.jobs.imports import import_credits

        return await import_credits(app.runner, partner, lines, signed(app, operator, reason))

    done = within(context, work)
    done.refused[:0] = faults
    if as_json:
        print_json(asdict(done))
    else:
        stays = f"{counted(done.marked, 'stay')} {'is' if done.marked == 1 else 'are'}"
        typer.echo(f"{stays} marked as credited elsewhere at {partner}, {done.before} were before")
        for each in done.refused:
            say(f"{file.name}, {each}")
    if done.refused:
        raise Unfinished(f"ledger import: {len(done.refused)} lines were not taken; import them again when corrected")


def credits_in(file: Path) -> tuple[list[Credited], list[str]]:
    """Read the file; of each line that cannot be used a sentence. Raises Misconfigured for a file that is none."""
    header, rows = opened(file, "ledger import", _EXPECTED)
    if "reservation" not in header:
        raise Misconfigured(f"ledger import: {file} has no column reservation; {_EXPECTED}")
    return _credits(header, rows)


def _credits(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[list[Credited], list[str]]:
    from connector.jobs.imports import Credited

    found, faults = [], []
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
        miles = cells.get("miles", "")
        if not cells.get("reservation"):
            faults.append(f"line {line}: the reservation is empty; expected its number or id")
        elif miles and not _MILES.fullmatch(miles):
            faults.append(f"line {line}: the miles are no whole number; expected one, or nothing")
        else:
            found.append(Credited(line, cells["reservation"], int(miles) if miles else None))
    return found, faults
