"""``offers``: what a partner offers to a member."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.claims import Number, Partner
from connector.cli.output import AsJson, print_json, table
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.contracts import Partnership
    from connector.jobs.offers import Changed
    from connector.ports import Offer, Offers

app = typer.Typer(no_args_is_help=True, help="What a partner offers to a member.")


@app.callback()
def offers() -> None:
    """Group the commands."""


@app.command("list")
def listing(context: typer.Context, partner: Partner, number: Number, as_json: AsJson = False) -> None:
    """List the offers to a member, and what the member did about them."""
    from connector.cli.session import within

    async def work(app: App) -> list[Offer]:
        from connector.jobs.contracts import partner_called

        partnership = partner_called(partner, app.runner.partnerships)
        return await _offers(partnership).of(str(partnership.number(number).number))

    found = within(context, work)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    rows = [(each.id, ", ".join(sorted(each.states.values())), each.title) for each in found]
    table(("offer", "states", "title"), rows, "There is no offer to this member.")


@app.command("set")
def setting(
    context: typer.Context,
    offer: Annotated[str, typer.Argument(metavar="OFFER", help="The offer's id.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="saved, unsaved or opted_in, which is for good.")],
    partner: Partner,
    number: Number,
    operator: Annotated[str, typer.Option(help="Who does this on the member's request; the name is kept.")],
    reason: Annotated[str, typer.Option(help="How the member asked for it, without names; it is kept.")],
    as_json: AsJson = False,
) -> None:
    """Save an offer for a member or opt in to it, on the member's own request only."""
    from connector.cli.session import within

    async def work(app: App) -> Changed:
        from connector.cli.claims import signed
        from connector.jobs.contracts import partner_called
        from connector.jobs.offers import STATES, change

        if state not in STATES:
            raise Misconfigured(f"offers set: {state!r} is not a state; expected one of {', '.join(STATES)}")
        partnership = partner_called(partner, app.runner.partnerships)
        canonical = str(partnership.number(number).number)
        signature = signed(app, operator, reason)
        service = _offers(partnership)
        return await change(app.chain, partnership, service, canonical, _id(offer), state, signature)

    made = within(context, work)
    if as_json:
        print_json(asdict(made))
    else:
        typer.echo(f"offer {made.offer} is {made.state} for {made.member} at {made.partner}")


def _offers(partnership: Partnership) -> Offers:
    from connector.jobs.opt_ins import offers_of

    found, name = offers_of(partnership), partnership.name
    if found is None:
        raise Misconfigured(f"offers: {name!r} has no offers; expected a partner with a table [partners.{name}.offers]")
    return found


def _id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Misconfigured(f"offers set: {text!r} is not the id of an offer; expected a UUID") from None
