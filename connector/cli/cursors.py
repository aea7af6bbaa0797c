"""``cursors``: how far each stream was read, and reading one from its beginning."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.output import AsJson, print_json, table
from connector.errors import Refused

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.cursors import Cursor

app = typer.Typer(no_args_is_help=True, help="How far each stream of Mews was read.")


@app.callback()
def cursors() -> None:
    """Group the commands."""


@app.command("list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """List the cursors."""
    from connector.cli.session import within

    async def work(app: App) -> list[Cursor]:
        from connector.store import cursors

        async with app.database.read() as connection:
            return await cursors.every(connection)

    found = within(context, work)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    rows = [
        (each.stream, each.scope, each.watermark, "half read" if each.page else "", each.rows_read) for each in found
    ]
    table(("stream", "of", "read up to", "window", "records"), rows, "Nothing was read yet.")


@app.command()
def reset(
    context: typer.Context,
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="The stream, as `cursors list` names it.")],
    property_: Annotated[
        str | None, typer.Option("--property", metavar="TABLE", help="Only this property's; all by default.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget how far a stream was read, so that the next pass reads it from its beginning."""
    from connector.cli.operator import operator
    from connector.cli.session import within
    from connector.jobs.scopes import check

    check(stream)

    async def work(app: App) -> str:
        from connector.jobs import reset
        from connector.jobs.scopes import scopes

        wanted = scopes(app.chain, stream, property_)
        if not yes:
            _ask(f"{stream} of {', '.join(wanted)}: {_consequence(app, stream)}")
        await reset.reset(app.runner, stream, wanted, operator())
        return f"{stream} of {', '.join(wanted)}: the next pass reads from the beginning"

    typer.echo(within(context, work))


def _consequence(app: App, stream: str) -> str:
    """Say what a reset means for the next pass."""
    from connector.jobs.properties import STAY_STREAMS

    if stream in STAY_STREAMS:
        return f"the next pass reads {app.settings.mews.history.days} days of history again, and decides what changed."
    return "the next pass reads all of it again, and until then no membership is written."


def _ask(sentence: str) -> None:
    if not sys.stdin.isatty():
        raise Refused(f"cursors reset: {sentence} Nobody can be asked here; expected --yes")
    if not typer.confirm(f"{sentence} Go on?", err=True):
        raise Refused("cursors reset: nothing was changed")
