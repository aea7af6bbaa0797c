"""``db``: migrations, integrity, and copies of the database."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from connector.cli.output import AsJson, print_json, say
from connector.cli.session import answered
from connector.errors import Refused

if TYPE_CHECKING:
    from connector.store.engine import Database

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The database: migrations, integrity, copies.")


def _within(context: typer.Context, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do work on the database as it is, without bringing it up to date first."""
    from connector.bootstrap import open_database
    from connector.settings import load

    settings = load(context.obj.config, os.environ)

    async def main() -> T:
        database = open_database(settings)
        try:
            return await work(database)
        finally:
            await database.aclose()

    return answered(main())


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to the shape that this version expects."""
    from connector.store import migrations

    done = _within(context, migrations.upgrade)
    typer.echo(f"database: {'upgraded to' if done else 'already at'} revision {migrations.HEAD}")


@app.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Verify revision, file integrity, the ledger's history chains and its books; exit 3 when something is wrong."""
    from connector.store.integrity import examine

    faults = _within(context, examine)
    if as_json:
        print_json({"ok": not faults, "faults": faults})
    for fault in faults:
        say(fault)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Refused(f"database: {count}; keep the file, restore a backup or ask for help before going on")
    if not as_json:
        typer.echo("database: ok")


@app.command()
def backup(context: typer.Context, path: Annotated[Path, typer.Argument(help="Where to write the copy.")]) -> None:
    """Write a copy while the daemon runs; the copy is marked, and nothing is delivered from it."""
    from connector.store.backup import copy

    async def work(database: Database) -> Path | None:
        await copy(database, path)
        return database.file

    file = _within(context, work)
    typer.echo(f"{path}: written, marked as a copy: nothing is delivered from it")
    if file and (key := file.with_name(f"{file.name}.hash_key")).exists():
        typer.echo(f"The copy is opened with the same hash key only: keep {key} as well, apart from it.")
