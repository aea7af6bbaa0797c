"""``earn recompute``: awarded stays decided again by the present rules, under a person's name."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.claims import signed
from connector.cli.output import AsJson, print_json
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.domain.recomputation import Recomputation
    from connector.jobs.recomputing import Scope

_FATES = {
    "same": "other rules, the same miles",
    "unsent": "nothing given yet, written anew",
    "corrected": "corrected at the partner, which takes miles back",
    "suspense": "to suspense, because miles cannot be taken back there",
    "waits": "corrected when the outcome of a message is known",
}


def recompute(
    context: typer.Context,
    word: Annotated[
        str, typer.Argument(metavar="[RESERVATION]", help="Confirmation number, id or channel number of one stay.")
    ] = "",
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First departure.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last departure.")] = None,
    partner: Annotated[str, typer.Option(help="The partner, as the settings call it; all by default.")] = "",
    confirm: Annotated[
        str, typer.Option(metavar="PLAN_ID", help="Do exactly this plan; without it, it is only shown.")
    ] = "",
    operator: Annotated[str, typer.Option(help="Who decides this; the awards' history keeps the name.")] = "",
    reason: Annotated[str, typer.Option(help="Why, without names; the awards' history keeps it.")] = "",
    top: Annotated[int, typer.Option(min=0, help="How many of the biggest differences are listed.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Decide awarded stays again by the present rules: show what would change, and do it with --confirm."""
    from connector.cli.session import within

    scope = _scope(word, first, last)
    if confirm and not reason.strip():
        raise Misconfigured("--reason: is empty; expected why awarded stays are decided again")

    async def work(app: App) -> Recomputation:
        from connector.jobs import recomputing
        from connector.jobs.contracts import partner_called

        chosen = [partner_called(partner, app.runner.partnerships)] if partner else app.runner.partnerships
        confirmed = (confirm, signed(app, operator, reason)) if confirm else None
        return await recomputing.recompute(app.runner, chosen, scope, top, confirmed)

    found = within(context, work)
    if as_json:
        print_json(_as_json(found, done=bool(confirm)))
        return
    _tell(found, done=bool(confirm))


def _scope(word: str, first: datetime | None, last: datetime | None) -> Scope:
    from connector.jobs.recomputing import Scope

    if bool(word) == bool(first or last) or bool(first) != bool(last):
        raise Misconfigured("earn recompute: expected a reservation, or --from and --to, and not both")
    if first and last and last < first:
        raise Misconfigured(f"earn recompute: --to {last.date()} is before --from {first.date()}")
    return Scope(first.date() if first else None, last.date() if last else None, word)


def _tell(found: Recomputation, *, done: bool) -> None:
    for fate, count in found.stays.items():
        if count:
            typer.echo(f"{_FATES[fate]}: {count}")
    typer.echo(f"as the present rules have them: {found.unchanged}; not decided by them yet: {found.undecided}")
    typer.echo(f"{found.up:,} miles more, {found.down:,} less; of these {found.suspended_miles:,} in suspense")
    for each in found.biggest:
        typer.echo(
            f"  {each.number} at {each.place}, departed {each.departure}: {each.before:,} → {each.after:,} at "
            f"{each.partner} ({each.after - each.before:+,}), {each.fate}"
        )
    if done:
        typer.echo(f"done: plan {found.plan_id}; the next delivery sends it")
    elif found.plan_id:
        typer.echo(f"nothing is changed yet; --confirm {found.plan_id} --operator NAME --reason TEXT does it")


def _as_json(found: Recomputation, *, done: bool) -> dict[str, Any]:
    return {
        "plan_id": found.plan_id,
        "done": done,
        "stays": {str(fate): count for fate, count in found.stays.items()},
        "unchanged": found.unchanged,
        "undecided": found.undecided,
        "miles": {"up": found.up, "down": found.down, "suspended": found.suspended_miles},
        "biggest": [asdict(each) for each in found.biggest],
    }
