"""``suspense``: what waits for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.output import AsJson, print_json, table

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.suspense import OpenCase

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")


@app.callback()
def suspense() -> None:
    """Group the commands."""


@app.command("list")
def listing(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most this many, oldest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the open cases with what to do about each."""
    from connector.cli.session import within

    async def work(app: App) -> list[OpenCase]:
        from connector.store import suspense

        async with app.database.read() as connection:
            return await suspense.listing(connection, limit)

    cases = within(context, work)
    if as_json:
        print_json([asdict(each.case) | {"id": each.id, "since": each.first_at} for each in cases])
        return
    rows = [(each.id, each.first_at, each.case.reason, each.case.text) for each in cases]
    table(("id", "since", "reason", "what"), rows, "Nothing waits for a person.")
