"""``ledger retry``, ``release`` and ``void``: what a person does to messages, under that person's name."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.claims import signed
from connector.cli.output import AsJson, print_json, table
from connector.domain.ledger import State
from connector.domain.numbers import without_payment_cards
from connector.domain.operating import WANTS_REASON, Deed
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.domain.launch import Launch
    from connector.jobs.choosing import Operation
    from connector.jobs.resuming import Resumed

Words = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY|STAY]…", help="Message keys, or stays as `ledger show` takes them.")
]
Operator = Annotated[str, typer.Option(help="Who decides this; the awards' history keeps the name.")]
Reason = Annotated[str, typer.Option(help="Why, without names; the awards' history keeps it.")]
Partner = Annotated[str, typer.Option(help="Instead of words: all that fit at this partner.")]
InState = Annotated[str, typer.Option("--state", help="Instead of words: all that fit in this state.")]
About = Annotated[str, typer.Option(help="Instead of words: all that fit whose case says this.")]
Confirm = Annotated[str, typer.Option(metavar="PLAN_ID", help="Do exactly this; more than one is only shown without.")]
Reference = Annotated[str, typer.Option(help="What the partner calls its credit, with --credited.")]

_TOLD = {
    Deed.RETRY: "are sent again",
    Deed.RESEND: "are sent again",
    Deed.RELEASE: "are let go",
    Deed.VOID: "are withdrawn",
    Deed.CREDITED: "are credited",
    Deed.NOT_CREDITED: "are settled as not credited",
}


def retry(
    context: typer.Context,
    words: Words = None,
    operator: Operator = "",
    reason: Reason = "",
    not_credited: Annotated[
        bool, typer.Option("--not-credited", help="They were sent, and the partner says that it has not done them.")
    ] = False,
    partner: Partner = "",
    state: InState = "",
    about: About = "",
    confirm: Confirm = "",
    as_json: AsJson = False,
) -> None:
    """Send again what was refused, or is suspended and certainly not done."""
    deed = Deed.RESEND if not_credited else Deed.RETRY
    _do(context, deed, words, (partner, state, about), (operator, reason, "", confirm), as_json=as_json)


def release(
    context: typer.Context,
    words: Words = None,
    operator: Operator = "",
    reason: Reason = "",
    credited: Annotated[bool, typer.Option("--credited", help="The partner says that it has done them.")] = False,
    not_credited: Annotated[
        bool, typer.Option("--not-credited", help="The partner says that it has not, and they are not sent again.")
    ] = False,
    reference: Reference = "",
    live: Annotated[
        str, typer.Option(metavar="PARTNER", help="Show what this partner's first live delivery sends; --confirm it.")
    ] = "",
    paused: Annotated[
        str, typer.Option("--property", metavar="PROPERTY", help="Let this paused property go on, at --partner.")
    ] = "",
    partner: Partner = "",
    state: InState = "",
    about: About = "",
    confirm: Confirm = "",
    as_json: AsJson = False,
) -> None:
    """Let go of what waits for a person, or settle a doubt by what the partner says."""
    if paused:
        if words or credited or not_credited or live or state or about or not partner:
            raise Misconfigured("ledger release: --property is for a whole property; expected --partner alone with it")
        _resume(context, paused, partner, (operator, reason), as_json=as_json)
        return
    if live:
        if words or credited or not_credited or partner or state or about:
            raise Misconfigured("ledger release: --live is for the whole partner; expected --confirm at most with it")
        _go_live(context, live, (operator, reason, confirm), as_json=as_json)
        return
    if credited and not_credited:
        raise Misconfigured("ledger release: expected --credited or --not-credited, and not both")
    if reference and not credited:
        raise Misconfigured("ledger release: --reference is the partner's for a credit; expected it with --credited")
    if without_payment_cards(reference) != reference:
        raise Misconfigured("--reference: holds what looks like a payment card; expected the partner's own reference")
    deed = Deed.CREDITED if credited else Deed.NOT_CREDITED if not_credited else Deed.RELEASE
    _do(context, deed, words, (partner, state, about), (operator, reason, reference, confirm), as_json=as_json)


def void(
    context: typer.Context,
    words: Words = None,
    operator: Operator = "",
    reason: Reason = "",
    partner: Partner = "",
    state: InState = "",
    about: About = "",
    confirm: Confirm = "",
    as_json: AsJson = False,
) -> None:
    """Withdraw what was never sent; its stay earns nothing more there."""
    _do(context, Deed.VOID, words, (partner, state, about), (operator, reason, "", confirm), as_json=as_json)


def _go_live(context: typer.Context, partner: str, how: tuple[str, str, str], *, as_json: bool) -> None:
    from connector.cli.session import within

    operator, reason, confirm = how

    async def work(app: App) -> Launch:
        from connector.jobs.contracts import partner_called
        from connector.jobs.going_live import go_live, look

        partnership = partner_called(partner, app.runner.partnerships)
        if not confirm:
            return await look(app.chain, partnership)
        return await go_live(app.chain, partnership, confirm, signed(app, operator, reason))

    found = within(context, work)
    if as_json:
        print_json(asdict(found) | {"done": bool(confirm)})
        return
    typer.echo(found.sentence)
    if confirm:
        typer.echo(f"{found.partner} goes live with the next delivery")
    elif found.plan_id:
        typer.echo(f"nothing is sent yet; the same with --confirm {found.plan_id} --operator NAME does it")


def _resume(context: typer.Context, paused: str, partner: str, how: tuple[str, str], *, as_json: bool) -> None:
    from connector.cli.session import within

    async def work(app: App) -> Resumed:
        from connector.jobs.contracts import partner_called
        from connector.jobs.resuming import resume

        partnership = partner_called(partner, app.runner.partnerships)
        return await resume(app.chain, partnership, paused, signed(app, *how))

    found = within(context, work)
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(f"{found.partner}: {found.property} goes on, whatever else it gives on {found.day}")


def _do(
    context: typer.Context,
    deed: Deed,
    words: list[str] | None,
    which: tuple[str, str, str],
    how: tuple[str, str, str, str],
    *,
    as_json: bool,
) -> None:
    from connector.cli.session import within

    (operator, reason, reference, confirm), (partner, state, _) = how, which
    if bool(words) == any(which):
        raise Misconfigured("ledger: expected keys or stays, or --partner, --state, --about, and not both")
    if state and state not in list(State):
        raise Misconfigured(f"--state: {state!r} is no state of a message; expected one of {', '.join(State)}")
    if deed in WANTS_REASON and not reason.strip():
        raise Misconfigured("--reason: is empty; expected why, for the awards' history")

    async def work(app: App) -> Operation:
        from connector.jobs.choosing import Choice, Order
        from connector.jobs.contracts import partner_called
        from connector.jobs.operating import operate

        if partner:
            partner_called(partner, app.runner.partnerships)
        choice = Choice(words or [], *which)
        return await operate(app.runner, Order(deed, choice, signed(app, operator, reason), reference, confirm))

    found = within(context, work)
    if as_json:
        print_json(_as_json(found))
        return
    _tell(found)


def _tell(found: Operation) -> None:
    rows = [
        (x.partner, x.reservation_number, x.kind, x.revision, x.miles, x.member, x.before, x.after, x.key)
        for x in found.chosen
    ]
    headers = ("partner", "stay", "kind", "rev", "miles", "member", "state", "becomes", "key")
    table(headers, rows, "No message that this fits is found.")
    if found.left_out:
        typer.echo(f"left as they are, because it does not fit them: {found.left_out}")
    if found.done:
        typer.echo(f"{len(rows)} {_TOLD[found.deed]}")
    elif found.plan_id:
        typer.echo(f"nothing is changed yet; the same with --confirm {found.plan_id} does it")


def _as_json(found: Operation) -> dict[str, Any]:
    told = {"deed": str(found.deed), "done": found.done, "plan_id": found.plan_id, "left_out": found.left_out}
    return told | {"messages": [asdict(each) for each in found.chosen]}
