"""``ledger adopt``: a copy of the database goes on as the database, because the original is lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.claims import signed
from connector.cli.output import AsJson, print_json
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.adoption import Adopted


def adopt(
    context: typer.Context,
    operator: Annotated[str, typer.Option(help="Who decides this; the awards' history keeps the name.")] = "",
    reason: Annotated[str, typer.Option(help="What became of the original, without names.")] = "",
    restored: Annotated[
        bool, typer.Option("--restored", help="It bears no mark, but other tools restored it to an earlier state.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a copy of the database; what the lost original may have sent since is left to a person."""
    from connector.cli.session import within

    if not reason.strip():
        raise Misconfigured("--reason: is empty; expected what became of the original database")

    async def work(app: App) -> Adopted:
        from connector.jobs import adoption

        async with app.runner.turn("stays"), app.runner.turn("deliver"):
            signature = signed(app, operator, reason)
            return await adoption.adopt(app.chain, app.runner.partnerships, signature, unmarked=restored)

    found = within(context, work, works=True, retakes=True)
    if as_json:
        print_json(asdict(found))
        return
    _tell(found)


def _tell(found: Adopted) -> None:
    last = f"{found.last_step:%Y-%m-%d %H:%M} UTC" if found.last_step else "none"
    typer.echo(f"adopted; the last step that the copy knows: {last}")
    for partner, count in found.in_doubt.items():
        typer.echo(f"{partner}: {count} were being sent then, and are in doubt")
    for partner, count in found.suspended.items():
        typer.echo(f"{partner}: {count} may have been sent since, and wait for a person")
    typer.echo("The next `stays` reads what changed since; what may have been said about that waits with these, in")
    typer.echo("`suspense list --reason restored`. What people granted, claimed, retried or recomputed since then is")
    typer.echo("not known here: compare with the partner before it is done again.")
