"""``ledger reconcile``: what was sent, what the partners answered, and what is not accounted for."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import accounts
from connector.cli.output import AsJson
from connector.cli.sheets import Format
from connector.cli.statements import Question, compared
from connector.domain.months import By
from connector.errors import Misconfigured, Unfinished

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.figures import Line


def reconcile(
    context: typer.Context,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    by: Annotated[By, typer.Option(help="Days, or whole months.")] = "month",
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    place: Annotated[str | None, typer.Option("--property", help="Only this property: table, id or name.")] = None,
    kind: Annotated[Format, typer.Option("--format", help="How it is written; a table in a file is CSV.")] = "table",
    output: Annotated[Path | None, typer.Option(help="File to write, instead of stdout.")] = None,
    close: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Close this month, and those before it, for good.")
    ] = None,
    operator: Annotated[str, typer.Option(help="Who closes; the month keeps the name.")] = "",
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with a partner's or predecessor's file instead.")
    ] = None,
    mapping: Annotated[
        str, typer.Option("--map", help="Its columns: reference=COLUMN,stay=…,member=…,date=…,miles=…")
    ] = "",
    record: Annotated[bool, typer.Option("--record", help="Make the differences cases for a person.")] = False,
    as_json: AsJson = False,
) -> None:
    """Account for every mile: what was sent, what the partner answered, and what is left (then exit 4)."""
    from connector.cli.session import within

    if close is not None:
        typer.echo(within(context, lambda app: _close(app, _month(close), operator)))
        return

    if against is not None:
        days = _days(first, last) if first or last else None
        question = Question(against, _needed(partner), mapping, days, record)
        compared(context, question, "json" if as_json else kind, output)
        return

    async def work(app: App) -> tuple[list[Line], dict[str, str]]:
        return await _lines(app, by, (first, last), partner, place)

    lines, places = within(context, work)
    sums = accounts.totals(lines)
    accounts.write("json" if as_json else kind, output, [accounts.row(each, by, places) for each in lines], sums)
    left = [(name, found.difference) for (name, _), (found, _) in sums.items() if found.difference]
    if left:
        told = ", ".join(f"{miles:,} miles at {name}" for name, miles in left)
        raise Unfinished(f"ledger reconcile: sent and without an answer: {told}; see `suspense list`")


def _needed(partner: str | None) -> str:
    if partner is None:
        raise Misconfigured("ledger reconcile: --against needs --partner; expected whose file it is")
    return partner


def _days(first: datetime | None, last: datetime | None) -> tuple[date, date]:
    days = (first.date() if first else date.min), (last.date() if last else date.max)
    if days[0] > days[1]:
        raise Misconfigured(f"ledger reconcile: --to {days[1]} is before --from {days[0]}; expected it on or after")
    return days


def _month(text: str) -> date:
    try:
        return datetime.strptime(f"{text}-01", "%Y-%m-%d").date()  # noqa: DTZ007  # only its day is used
    except ValueError:
        raise Misconfigured(f"--close: {text!r} is no month; expected one like 2026-10") from None


async def _close(app: App, month: date, operator: str) -> str:
    from connector.cli.claims import signed
    from connector.jobs import closing

    by = signed(app, operator, "").by
    async with app.runner.turn("reconcile"):
        done = await closing.close(app.chain, app.runner.terms, app.runner.prices, month, by)
    if not done:
        return f"{month:%Y-%m} was closed before, or holds nothing; nothing is changed"
    return f"closed: {', '.join(f'{each:%Y-%m}' for each in done)}; later changes are adjustments of the open month"


async def _lines(
    app: App, by: By, days: tuple[datetime | None, datetime | None], partner: str | None, place: str | None
) -> tuple[list[Line], dict[str, str]]:
    from connector.jobs.contracts import partner_called
    from connector.jobs.figures import Wanted, lines
    from connector.store import stays

    async with app.database.read() as connection:
        known = (await stays.properties(connection)).values()
    property_id = None if place is None else _only([each.id for each in known if place in each.keys], place)
    wanted = Wanted(by, *_days(*days), partner, property_id)
    found = await lines(app.database, app.runner.terms.zone, wanted, app.runner.prices)
    if partner is not None and not found:
        partner_called(partner, app.runner.partnerships)
    return found, {each.id: each.table for each in known}


def _only(ids: list[str], place: str) -> str:
    if len(ids) != 1:
        raise Misconfigured(f"--property: {len(ids)} properties are called {place!r}; expected the table or id of one")
    return ids[0]
