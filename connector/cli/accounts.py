"""The figures of a period as rows, with their totals by partner and currency."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector.cli.output import counted, table
from connector.cli.sheets import CsvSheet, Format, as_text, target
from connector.domain.months import By
from connector.domain.reconciliation import NOTHING, Figures

if TYPE_CHECKING:
    from connector.jobs.figures import Line

MILES = ("held", "sent", "acknowledged", "reversed", "in_doubt", "refused", "suspended", "rehearsed")
COLUMNS = (
    *("period", "partner", "property", "adjustment", "closed", "stays", "currency", "net", "gross"),
    *MILES,
    *("given", "difference", "price_per_mile", "cost"),
)
_SHOWN = (
    *("period", "partner", "property", "stays", "gross", "currency", "held", "sent", "acknowledged", "reversed"),
    *("in_doubt", "refused", "suspended", "difference", "cost"),
)
Row = Mapping[str, Any]
Totals = Mapping[tuple[str, str], tuple[Figures, Decimal | None]]


def row(line: Line, by: By, places: Mapping[str, str]) -> dict[str, Any]:
    """Return a line by column; ``places`` are the tables of the properties, by id."""
    slot, found = line.slot, line.figures
    return {
        "period": f"{slot.period:%Y-%m}" if by == "month" else f"{slot.period}",
        "partner": slot.partner,
        "property": places.get(slot.property_id, slot.property_id),
        "adjustment": slot.adjustment,
        "closed": line.closed,
        "stays": found.stays,
        "currency": slot.currency,
        "net": found.net,
        "gross": found.gross,
        **{name: getattr(found, name) for name in MILES},
        "given": found.given,
        "difference": found.difference,
        "price_per_mile": line.price,
        "cost": found.cost(line.price),
    }


def totals(lines: Sequence[Line]) -> Totals:
    """Return figures and cost by partner and currency; no cost where a price is missing."""
    found: dict[tuple[str, str], tuple[Figures, Decimal | None]] = {}
    for line in lines:
        place = line.slot.partner, line.slot.currency
        figures, cost = found.get(place, (NOTHING, Decimal(0)))
        own = line.figures.cost(line.price)
        found[place] = figures + line.figures, None if own is None or cost is None else cost + own
    return found


def write(kind: Format, output: Path | None, rows: Sequence[Row], sums: Totals) -> None:
    """Print the rows, or write them to a file; a table in a file is CSV. Totals stand in tables and in JSON."""
    if kind == "table" and output is None:
        _print(rows, sums)
        return
    with target(output) as opened:
        if kind == "json":
            told = {"rows": rows, "totals": [_as_json(*place, *each) for place, each in sums.items()]}
            json.dump(told, opened, indent=2, ensure_ascii=False, default=as_text)
            opened.write("\n")
        else:
            sheet = CsvSheet(opened, COLUMNS)
            for each in rows:
                sheet.add([each[name] for name in COLUMNS])


def _print(rows: Sequence[Row], sums: Totals) -> None:
    table(_SHOWN, [_cells(each) for each in rows], "Nothing is in the books.")
    for (partner, currency), (found, cost) in sums.items():
        paid = "" if cost is None else f", cost {as_text(cost)}"
        value = f" for {as_text(found.gross)} {currency} gross" if currency else ""
        typer.echo(
            f"{partner}: {counted(found.stays, 'stay')}{value}; {found.held:,} miles held, {found.sent:,} sent, "
            f"{found.acknowledged:,} acknowledged, {found.reversed:,} reversed, {found.refused:,} refused, "
            f"difference {found.difference:,}; {found.given:,} given{paid}"
        )


def _cells(row: Row) -> list[str]:
    cells = ["" if row[name] is None else as_text(row[name]) for name in _SHOWN]
    return [f"{cells[0]} adjustment", *cells[1:]] if row["adjustment"] else cells


def _as_json(partner: str, currency: str, found: Figures, cost: Decimal | None) -> dict[str, Any]:
    miles = {name: getattr(found, name) for name in (*MILES, "given", "difference")}
    told = {"partner": partner, "currency": currency, "stays": found.stays, "net": found.net, "gross": found.gross}
    return told | miles | {"cost": cost}
