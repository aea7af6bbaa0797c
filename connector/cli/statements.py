"""``ledger reconcile --against``: the file of a partner or predecessor, compared with the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector.cli.delimited import opened
from connector.cli.output import counted, say
from connector.cli.sheets import CsvSheet, Format, as_text, target
from connector.domain.numbers import canonical, looks_like_payment_card, without_payment_cards
from connector.domain.statement import Stated
from connector.errors import Misconfigured, Unfinished

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.statements import Comparison

FIELDS = ("reference", "stay", "member", "date", "miles")
_COMMAND = "ledger reconcile --against"
_EXPECTED = "expected a CSV file in UTF-8 with columns for miles, and for reference, stay, or member and date"
_MILES = re.compile(r"[+-]?\d{1,9}(\.0+)?", re.ASCII)
_DATES = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: the file with its mapping, the partner, the days, and whether differences become cases."""

    file: Path
    partner: str
    mapping: str = ""
    period: tuple[date, date] | None = None
    record: bool = False


@dataclass(slots=True)
class Statement:
    """The lines of a file that could be read, and a sentence for each of the others."""

    lines: list[Stated] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def compared(context: typer.Context, question: Question, kind: Format, output: Path | None) -> None:
    """Compare, tell what differs, and end with 4 where anything does or a line could not be read."""
    from connector.cli.session import within

    statement = read(question.file, question.mapping)

    async def work(app: App) -> Comparison:
        from connector.jobs.contracts import partner_called
        from connector.jobs.statements import compare, record

        name, zone = partner_called(question.partner, app.runner.partnerships).name, app.runner.terms.zone
        found = await compare(app.chain, zone, name, statement.lines, question.period)
        if question.record:
            await record(app.chain, zone, name, statement.lines, found)
        return found

    found = within(context, work)
    _tell(statement, found, kind, output)
    for each in statement.refused:
        say(f"{question.file.name}, {each}")
    if found.findings or statement.refused:
        raise Unfinished(
            f"{_COMMAND}: {counted(len(found.findings), 'difference')}, "
            f"{counted(len(statement.refused), 'line')} could not be read"
        )


def _tell(statement: Statement, found: Comparison, kind: Format, output: Path | None) -> None:
    rows = [asdict(each) for each in found.findings]
    with target(output) as stream:
        if kind == "json":
            import json

            counts = {"lines": len(statement.lines), "matched": found.matched, "refused": statement.refused}
            json.dump(counts | {"differences": rows}, stream, indent=2, ensure_ascii=False, default=as_text)
            stream.write("\n")
        elif kind == "csv":
            columns = ("kind", "line", "reference", "stay", "member", "miles", "other_miles", "text")
            sheet = CsvSheet(stream, columns)
            for row in rows:
                sheet.add([row[name] for name in columns])
        else:
            for each in found.findings:
                place = "" if each.line is None else f"line {each.line}, "
                stream.write(f"{each.kind}: {place}{each.text}\n")
            stream.write(f"{found.matched} of {len(statement.lines)} lines are messages of the ledger\n")


def read(file: Path, mapping: str) -> Statement:
    """Read a statement. Raises Misconfigured for a file or mapping that cannot be used."""
    header, rows = opened(file, _COMMAND, _EXPECTED)
    columns = _columns(header, mapping)
    statement = Statement()
    for line, row in rows:
        if any(cell.strip() for cell in row):
            _take(statement, line, row, header, columns)
    return statement


def _columns(header: Sequence[str], mapping: str) -> dict[str, int]:
    """Return the place of each field; one that is not mapped is looked for under its own name."""
    named = dict(_pair(each) for each in mapping.split(",")) if mapping else {}
    wanted = {name: named.get(name, name) for name in FIELDS}
    for name, column in named.items():
        if column not in header:
            raise Misconfigured(f"--map: the file has no column {column!r} for {name}; it has: {', '.join(header)}")
    found = {name: header.index(column) for name, column in wanted.items() if column in header}
    known = "reference" in found or "stay" in found or {"member", "date"} <= found.keys()
    if "miles" not in found or not known:
        raise Misconfigured(f"{_COMMAND}: the columns of the file are not enough; {_EXPECTED}, named by --map")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, sign, column = text.partition("=")
    if not sign or name.strip() not in FIELDS:
        raise Misconfigured(f"--map: {text!r} is not taken; expected FIELD=COLUMN with one of: {', '.join(FIELDS)}")
    return name.strip(), column.strip().lower()


def _take(
    statement: Statement, line: int, row: Sequence[str], header: Sequence[str], columns: Mapping[str, int]
) -> None:
    row = row[: len(header)] if not any(row[len(header) :]) else row  # a separator at the end is no cell
    if len(row) != len(header):
        statement.refused.append(f"line {line}: has {len(row)} cells; expected {len(header)}")
        return
    cells: dict[str, Any] = {name: row[place].strip() for name, place in columns.items()}
    day = _day(cells.get("date", ""))
    if fault := _fault(cells, day):
        statement.refused.append(f"line {line}: {fault}")
        return
    number = canonical(cells.get("member", ""))
    miles = int(cells["miles"].partition(".")[0])
    statement.lines.append(Stated(line, miles, cells.get("reference", ""), cells.get("stay", ""), number, day))


def _fault(cells: Mapping[str, str], day: date | None) -> str:
    words = cells.get("reference", ""), cells.get("stay", "")  # an id may have as many digits as a card
    if looks_like_payment_card(cells.get("member", "")) or any(each != without_payment_cards(each) for each in words):
        return "looks like a payment card; expected a member number"
    if not _MILES.fullmatch(cells["miles"]):
        return "the miles are no whole number; expected one like 1277 or -1277"
    if cells.get("date") and day is None:
        return "the date is none; expected one like 2026-10-31 or 31.10.2026"
    if not (cells.get("reference") or cells.get("stay") or (cells.get("member") and day)):
        return "says neither reference nor stay nor member and date; expected one of them"
    return ""


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text).date()
    for form in _DATES:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day without a time
    return None
