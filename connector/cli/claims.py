"""``earn claim`` and ``earn grant``: miles by a person's word, under that person's name."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, print_json, say

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.claims import Claimed
    from connector.jobs.grants import Granted
    from connector.store.resolutions import Signature

Partner = Annotated[str, typer.Option(help="The partner, as the settings call it.")]
Number = Annotated[str, typer.Option(help="The guest's member number; blanks and hyphens do not matter.")]
Operator = Annotated[str, typer.Option(help="Who decides this; the award's history keeps the name.")]


def claim(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="RESERVATION", help="Confirmation number, id or channel number.")],
    partner: Partner,
    number: Number,
    operator: Operator,
    reason: Annotated[str, typer.Option(help="Why, without names; the award's history keeps it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Award a stay whose member number was missing; the next delivery sends it."""
    from connector.cli.session import within

    async def work(app: App) -> Claimed:
        from connector.jobs.claims import Claim
        from connector.jobs.claims import claim as claimed

        return await claimed(app.runner, Claim(word, partner, number), signed(app, operator, reason))

    made = within(context, work)
    _warn(made.warning)
    if as_json:
        print_json(_as_json(made))
        return
    how = "was claimed before" if made.again else "is claimed"
    typer.echo(f"{word} {how}: {made.miles} {made.unit} at {made.partner} for {made.member}, award {made.award_id}")


def grant(
    context: typer.Context,
    partner: Partner,
    number: Number,
    miles: Annotated[int, typer.Option(help="How many.")],
    reason: Annotated[str, typer.Option(help="Why, without names; the award's history keeps it.")],
    operator: Operator,
    reference: Annotated[
        str, typer.Option(help="Identity of the grant: the same one never grants twice. Made of the rest if absent.")
    ] = "",
    property_: Annotated[str, typer.Option("--property", help="The property that grants: table, id or name.")] = "",
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it is for; today by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Grant miles without a stay (goodwill, a visit), but not through Uplyft; the next delivery sends them."""
    from connector.cli.session import within

    async def work(app: App) -> Granted:
        from connector.jobs import grants

        wish = grants.Wish(number, miles, reference, property_, date.date() if date else None)
        return await grants.grant(app.runner, partner, wish, signed(app, operator, reason))

    made = within(context, work)
    _warn(made.warning)
    if as_json:
        print_json(_as_json(made))
        return
    typer.echo(
        f"granted: {made.miles} {made.unit} at {made.partner} for {made.member} on {made.day}, "
        f"reference {made.reference}, award {made.award_id}"
    )


def _as_json(made: Claimed | Granted) -> dict[str, Any]:
    """Return what was made; nothing that a command makes waits for a second person."""
    return {name: value for name, value in asdict(made).items() if name != "withheld"}


def _warn(warning: str) -> None:
    if warning:
        say(f"The member number was taken, although {warning}.")


def signed(app: App, operator: str, why: str) -> Signature:
    """Return who decides now, and why, without what must not be stored."""
    from connector.jobs import signing

    return signing.signed(app.chain.clock.now(), operator, why)
