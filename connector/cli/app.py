"""The commands. Each imports what it needs when it runs, so that ``--help`` and ``config check`` stay quick."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from connector import __version__
from connector.cli import (
    alerts,
    claims,
    config,
    cursors,
    database,
    demo,
    doctor,
    earn,
    erasure,
    examples,
    jobs,
    ledger,
    members,
    offers,
    recompute,
    resync,
    sandbox,
    sharing,
    state,
    status,
    subject,
    suspense,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Keeps a loyalty scheme aligned with Mews, and turns checked-out stays into miles, each exactly once.",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    config: Path | None


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"loyalty-connector {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Configuration file; else LOYALTY_CONFIG, else ./connector.toml."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that all commands share."""
    context.obj = Options(config)


app.command()(demo.demo)
app.command()(sandbox.sandbox)
app.command()(doctor.doctor)
app.command()(jobs.plan)
app.command()(jobs.sync)
app.command()(jobs.run)
app.command()(status.status)
app.command()(jobs.health)
app.command()(resync.resync)
app.command()(erasure.erase)
earn.app.command()(claims.claim)
earn.app.command()(claims.grant)
earn.app.command()(recompute.recompute)
members.app.command("opt-out")(sharing.opt_out)
app.add_typer(config.app, name="config")
app.add_typer(earn.app, name="earn")
app.add_typer(ledger.app, name="ledger")
app.add_typer(offers.app, name="offers")
app.add_typer(members.app, name="members")
app.add_typer(suspense.app, name="suspense")
app.add_typer(alerts.app, name="alerts")
app.add_typer(subject.app, name="subject")
app.add_typer(cursors.app, name="cursors")
app.add_typer(database.app, name="db")
app.add_typer(state.app, name="state")
examples.add(app)
