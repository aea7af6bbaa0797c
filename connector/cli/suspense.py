"""``suspense``: what waits for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.filters import MOST, Oldest, refuse_unknown_partner, refuse_unknown_reason
from connector.cli.output import AsJson, print_json, say, table

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.resolutions import Signature
    from connector.store.suspense import Case, OpenCase

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")


@app.callback()
def suspense() -> None:
    """Group the commands."""


@app.command("list")
def listing(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="Only cases of this reason, such as two_candidates.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only cases of this partner.")] = None,
    limit: Oldest = 100,
    as_json: AsJson = False,
) -> None:
    """List the open cases with what to do about each."""
    from connector.cli.session import within

    refuse_unknown_reason(reason)

    async def work(app: App) -> list[OpenCase]:
        from connector.store import suspense

        await refuse_unknown_partner(app, partner)
        async with app.database.read() as connection:
            return await suspense.listing(connection, limit, reason=reason, partner=partner)

    cases = within(context, work)
    if as_json:
        print_json([as_listed(each) for each in cases])
        return
    rows = [(each.id, each.first_at, each.case.partner, each.case.reason, each.case.text) for each in cases]
    empty = "No such case waits for a person." if reason or partner else "Nothing waits for a person."
    table(("id", "since", "partner", "reason", "what"), rows, empty)
    for name in dict.fromkeys(each.case.reason for each in cases):
        say(advice(name))


@app.command()
def resolve(
    context: typer.Context,
    case_id: Annotated[
        int, typer.Argument(min=1, max=MOST, metavar="ID", help="The case's number in `suspense list`.")
    ],
    link: Annotated[
        str | None, typer.Option(metavar="GUEST_ID", help="Link the member of this case to this guest.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What you found or did, without names.")] = None,
    as_json: AsJson = False,
) -> None:
    """Settle a case: by a link, or as seen, so that it stays quiet while nothing changes."""
    from connector.cli.members import signature
    from connector.cli.session import within
    from connector.jobs.resolving import silence

    async def work(app: App) -> tuple[Case, Signature]:
        from connector.jobs.resolving import resolve as resolved

        return await resolved(app.chain, case_id, signature(app, note), link)

    case, signed = within(context, work)
    if as_json:
        resolved = {"id": case_id, "resolved_at": signed.at, "resolved_by": signed.by, "note": signed.why}
        print_json(asdict(case) | resolved | _explained(case.reason))
        return
    typer.echo(f"case {case_id}: resolved by {signed.by}: {case.text}")
    if link is None:
        say(silence(case))
        say(advice(case.reason))


def as_listed(case: OpenCase) -> dict[str, Any]:
    """Return a case as JSON shows it."""
    dates = {"id": case.id, "since": case.first_at, "last_seen": case.last_at}
    return asdict(case.case) | dates | _explained(case.case.reason)


def advice(reason: str) -> str:
    """Return what a reason means and what to do, in one line for a person."""
    from connector.domain.remedies import remedy

    told = remedy(reason)
    return f"{reason}: {told.means} To do: {told.advice}"


def _explained(reason: str) -> dict[str, str]:
    from connector.domain.remedies import remedy

    told = remedy(reason)
    return {"title": told.title, "means": told.means, "advice": told.advice}
