"""``ledger``: awards and their messages."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.adoption import adopt
from connector.cli.batch_file import batch
from connector.cli.exports import export
from connector.cli.filters import Newest, refuse_unknown_partner, refuse_unknown_state
from connector.cli.imports import import_
from connector.cli.ledger_actions import release, retry, void
from connector.cli.output import AsJson, print_json, table
from connector.cli.reconciling import reconcile
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.account import Account, Line

app = typer.Typer(no_args_is_help=True, help="Awards and what was said about them to the partners.")


@app.callback()
def ledger() -> None:
    """Group the commands."""


@app.command("list")
def listing(
    context: typer.Context,
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    state: Annotated[str | None, typer.Option(help="Only messages in this state.")] = None,
    limit: Newest = 50,
    as_json: AsJson = False,
) -> None:
    """List messages, newest first."""
    from connector.cli.session import within

    refuse_unknown_state(state)

    async def work(app: App) -> list[Line]:
        from connector.store import account

        await refuse_unknown_partner(app, partner)
        async with app.database.read() as connection:
            return await account.lines(connection, partner, state, limit)

    found = within(context, work)
    if as_json:
        print_json([asdict(line) for line in found])
        return
    rows = [
        (x.partner, x.reservation_number, x.kind, x.revision, x.miles, x.state, x.member, x.departure, x.key)
        for x in found
    ]
    headers = ("partner", "stay", "kind", "rev", "miles", "state", "member", "departed", "key")
    table(headers, rows, "The ledger holds no such message.")


@app.command()
def show(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="STAY", help="Confirmation number, reservation id or message key.")],
    as_json: AsJson = False,
) -> None:
    """Show the awards of a stay with every message and every step of their history."""
    from connector.cli.session import within

    async def work(app: App) -> list[Account]:
        from connector.store import account

        async with app.database.read() as connection:
            return await account.accounts(connection, word)

    found = within(context, work)
    if not found:
        raise Misconfigured(f"ledger: no award belongs to {word!r}; expected a confirmation number, id or key")
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        typer.echo(f"{each.partner}: {each.miles} {each.unit} for {each.member}, award {each.award_id}")
        for step in each.history:
            told = f" ({step.detail})" if step.detail else ""
            typer.echo(f"  {step.at:%Y-%m-%d %H:%M:%S}Z  {step.before or 'new':10} → {step.after:10}{told}")


app.command("import")(import_)
for _action in (batch, retry, release, void, adopt, export, reconcile):
    app.command()(_action)
