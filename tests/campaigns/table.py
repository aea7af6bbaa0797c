"""The table of proofs: on a terminal, as Markdown for a README, as JSON for a machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.campaigns.figures import HEADINGS, Figure
from tests.campaigns.process import Finding

NARROWEST = 160  # columns, where no terminal says how wide it is


def word(figure: Figure) -> str:
    """Return the verdict as the table has it."""
    return "pass" if figure.holds else "FAIL"


def shown(findings: Sequence[Finding]) -> None:
    """Print the table."""
    console = Console(width=shutil.get_terminal_size((NARROWEST, 24)).columns, highlight=False)
    table = Table(*HEADINGS, box=box.SIMPLE_HEAD, pad_edge=False)
    for each in figures(findings):
        verdict = Text(word(each), style="green" if each.holds else "bold red")
        table.add_row(Text(each.claim), Text(each.figure), Text(each.bar), verdict)
    console.print(table)


def markdown(findings: Sequence[Finding]) -> str:
    """Return the table for a README."""
    return "\n".join(_lines(figures(findings))) + "\n"


def _lines(rows: Iterable[Figure]) -> Iterator[str]:
    claim, figure, bar, _ = HEADINGS
    yield f"| {claim} | {figure} | {bar} | verdict |"
    yield "| --- | --- | --- | --- |"
    for each in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in (each.claim, each.figure, each.bar, word(each)))
        yield f"| {' | '.join(cells)} |"


def document(findings: Sequence[Finding]) -> str:
    """Return the table as JSON: a list of ``{proof, claim, figure, bar, holds}``."""
    rows = [{"proof": each.proof.name, **asdict(figure)} for each in findings for figure in each.figures]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def figures(findings: Iterable[Finding]) -> Iterator[Figure]:
    """Yield the rows of all findings."""
    return chain.from_iterable(each.figures for each in findings)
