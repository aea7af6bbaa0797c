"""``cursors``: how far each stream was read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from connector.cli.output import AsJson, print_json, table

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
