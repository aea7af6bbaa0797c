"""``state``: moving a chain to another database or machine by a file."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.operator import operator as user
from connector.cli.output import AsJson, print_json, say
from connector.cli.progress import shown
from connector.cli.session import answered

if TYPE_CHECKING:
    from connector.jobs.moving import Moved
    from connector.settings import Settings
    from connector.store.engine import Database

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file.")]
Operator = Annotated[str, typer.Option(help="Who does this; else the user at the operating system.")]

app = typer.Typer(no_args_is_help=True, help="Moving a chain to another database or machine.")


def _within(
    context: typer.Context, work: Callable[[Settings, Database], Awaitable[Moved]], *, is_filled: bool = False
) -> Moved:
    """Do work on the database as it is, which need not be there yet where it ``is_filled``."""
    from connector.bootstrap import open_database
    from connector.settings import load
    from connector.telemetry import logging

    settings = load(context.obj.config, os.environ)
    logging.configure(settings.logging.format, settings.logging.level)

    async def main() -> Moved:
        database = open_database(settings, is_filled=is_filled)
        try:
            return await work(settings, database)
        finally:
            await database.aclose()

    return answered(main())


@app.command()
def export(
    context: typer.Context,
    file: File,
    retire: Annotated[
        bool, typer.Option("--retire", help="Move: this database is left behind, and the file's import goes on.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    operator: Operator = "",
    as_json: AsJson = False,
) -> None:
    """Write everything that is stored to a file, from which either engine is filled; end `run` before."""

    async def work(settings: Settings, database: Database) -> Moved:
        from connector.bootstrap.confidential import hash_key
        from connector.jobs.moving import export, refuse_nothing
        from connector.store.resolutions import Signature

        await refuse_nothing(database)
        signature = Signature(operator or user(), datetime.now(UTC))
        with shown() as progress:
            key = hash_key(settings, database)
            return await export(database, key, file.absolute(), signature, progress, retire=retire, force=force)

    done = _within(context, work)
    if as_json:
        _print(done)
        return
    typer.echo(f"{file}: written, {sum(done.rows.values()):,} rows; it holds member numbers, keep it as you keep those")
    if done.right:
        typer.echo("This database is left behind: it works no more. Import the file once, with the same hash key.")
    else:
        typer.echo("What is imported from it is a copy, which delivers nothing until `ledger adopt`.")
    if retire and not done.right:
        say("The right to send was given to another file before; this one is a copy.")


@app.command("import")
def import_(context: typer.Context, file: File, operator: Operator = "", as_json: AsJson = False) -> None:
    """Fill an empty database from the file of an export: all of it, found whole, or nothing."""

    async def work(settings: Settings, database: Database) -> Moved:
        from connector.bootstrap.confidential import hash_key, revealed
        from connector.jobs.moving import take_in
        from connector.mews.client import digest
        from connector.store.resolutions import Signature

        tokens = [digest(revealed(each.access_token)) for each in settings.mews.properties.values()]
        signature = Signature(operator or user(), datetime.now(UTC))
        with shown() as progress:
            return await take_in(database, hash_key(settings, database), file, tokens, signature, progress)

    done = _within(context, work, is_filled=True)
    if as_json:
        _print(done)
        return
    typer.echo(f"{file}: imported, {sum(done.rows.values()):,} rows, and found whole")
    if done.right:
        typer.echo("This database goes on where the other one ended. Delete the file: it holds member numbers.")
        return
    why = f"its right to send was taken {done.taken}" if done.taken else "the exported database was not left behind"
    typer.echo(f"It is a copy: {why}. Nothing is delivered from it until `ledger adopt`.")


def _print(done: Moved) -> None:
    print_json(
        {
            "file": done.file,
            "revision": done.revision,
            "chain_id": done.chain_id,
            "right_to_send": done.right,
            "rows": dict(done.rows),
        }
    )
