"""``earn preview``: what a period would earn, by the present contracts and by others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, counted, print_json, say
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.domain.forecast import Forecast, Totals
    from connector.jobs.forecasting import Outlook
    from connector.settings import Settings
    from connector.store.engine import Database


def preview(
    context: typer.Context,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First departure.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last departure.")],
    other: Annotated[
        Path | None, typer.Option("--config", help="Another configuration, whose contracts are compared.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the biggest differences are listed.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Compute what the stays of a period would earn, without storing or sending anything."""
    period = (first.date(), last.date())
    if period[0] > period[1]:
        raise Misconfigured(f"earn preview: --to {period[1]} is before --from {period[0]}; expected it on or after")
    found = asyncio.run(_computed(context.obj.config, other, period, top))
    for stranger in found.strangers:
        say(f"Warning: {stranger.sentence}; names are read by `sync` where the rules of its configuration use them")
    for name in dict.fromkeys(found.unasked):
        say(f"Note: a preview does not ask {name} for opt-ins; only those count with which stays were awarded")
    if as_json:
        print_json(_as_json(found, period))
        return
    typer.echo(f"departures from {period[0]} to {period[1]}; nothing is stored or sent")
    for name, forecast in found.present.items():
        _tell(name, forecast, found.other.get(name))
    for name in found.other.keys() - found.present.keys():
        _tell(f"{name} (only in the other configuration)", found.other[name], None)
    for name, differences in found.differences.items():
        typer.echo(f"{name}: {counted(differences.count, 'stay')} differ{'s' if differences.count == 1 else ''}")
        for each in differences.biggest():
            typer.echo(
                f"  {each.number} at {each.place}, departed {each.departure}: {each.miles:,} → {each.other_miles:,} "
                f"({each.other_miles - each.miles:+,}): {each.text} → {each.other_text}"
            )


async def _computed(config: Path | None, other: Path | None, period: tuple[date, date], top: int) -> Outlook:
    from contextlib import AsyncExitStack

    from connector.bootstrap import open_database
    from connector.bootstrap.contracts import contracts
    from connector.jobs.forecasting import outlook
    from connector.settings import load
    from connector.telemetry import logging
    from connector.telemetry.clock import SystemClock

    settings = load(config, os.environ)
    compared = load(other, os.environ) if other else None
    logging.configure(settings.logging.format, settings.logging.level)
    database = open_database(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.aclose)
        await _is_ready(settings, database)
        ours = await stack.enter_async_context(contracts(settings, database))
        theirs = await stack.enter_async_context(contracts(compared, database)) if compared else None
        return await outlook(database, period, ours, theirs, SystemClock().now(), top)


async def _is_ready(settings: Settings, database: Database) -> None:
    """Refuse a database that would have to be made or changed first: a preview writes nothing."""
    from connector.store import migrations

    absent = database.file is not None and not database.file.exists()
    found = None if absent else await migrations.revision(database)
    if found != migrations.HEAD:
        raise Misconfigured(
            f"{settings.file.name}: database.url: the database is {f'at revision {found}' if found else 'empty'}, "
            "and a preview changes nothing; expected one that `sync` or `db upgrade` brought up to date"
        )


def _tell(name: str, forecast: Forecast, other: Forecast | None) -> None:
    typer.echo(f"{name}: {_line(forecast.total, forecast.price)}")
    if other is not None:
        typer.echo(f"  other: {_line(other.total, other.price)}")
    for place, totals in sorted(forecast.properties.items()):
        typer.echo(f"  {place}: {_line(totals, forecast.price)}")
        if other is not None and place in other.properties:
            typer.echo(f"    other: {_line(other.properties[place], other.price)}")
    for reason, count in forecast.total.reasons.most_common(5):
        typer.echo(f"  {counted(count, 'stay')}: {reason}")


def _line(totals: Totals, price: Decimal | None) -> str:
    told: Mapping[str, Any] = totals.as_json(price)
    stays = ", ".join(f"{count:,} {status}" for status, count in told["stays"].items())
    return f"{stays}; {totals.miles:,} miles" + ("" if price is None else f", cost {totals.miles * price:,.2f}")


def _as_json(found: Outlook, period: tuple[date, date]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "from": period[0],
        "to": period[1],
        "partners": {name: forecast.as_json() for name, forecast in found.present.items()},
    }
    if found.differences:
        told["other"] = {name: forecast.as_json() for name, forecast in found.other.items()}
        told["differences"] = {
            name: {"stays": each.count, "biggest": [asdict(one) for one in each.biggest()]}
            for name, each in found.differences.items()
        }
    return told
