"""``suspense``: what waits for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, print_json, say, table
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.resolutions import Signature
    from connector.store.suspense import Case, OpenCase

_STILL = {
    "message": "The message itself stays suspended or refused in the ledger: its miles are not sent.",
    "reservation": "The stay itself stays suspended: it earns nothing until what is wrong is put right.",
    "month": "The miles themselves still have no answer: `ledger reconcile` goes on telling the difference.",
    "guest": "The guest is still left alone until the record can be read.",
}
app = typer.Typer(no_args_is_help=True, help="What waits for a person.")


@app.callback()
def suspense() -> None:
    """Group the commands."""


@app.command("list")
def listing(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="Only cases of this reason, such as two_candidates.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only cases of this partner.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many, oldest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the open cases with what to do about each."""
    from connector.cli.session import within

    async def work(app: App) -> list[OpenCase]:
        from connector.store import suspense

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
    case_id: Annotated[int, typer.Argument(metavar="ID", help="The case's number in `suspense list`.")],
    link: Annotated[
        str | None, typer.Option(metavar="GUEST_ID", help="Link the member of this case to this guest.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What you found or did, without names.")] = None,
    as_json: AsJson = False,
) -> None:
    """Settle a case: by a link, or as seen, so that it stays quiet while nothing changes."""
    from connector.cli.members import signature
    from connector.cli.session import within

    async def work(app: App) -> tuple[Case, Signature]:
        return await _resolve(app, case_id, link, signature(app, note))

    case, signed = within(context, work)
    if as_json:
        resolved = {"id": case_id, "resolved_at": signed.at, "resolved_by": signed.by, "note": signed.why}
        print_json(asdict(case) | resolved | _explained(case.reason))
        return
    typer.echo(f"case {case_id}: resolved by {signed.by}: {case.text}")
    if link is None:
        say(_silence(case))
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


async def _resolve(app: App, case_id: int, link: str | None, signature: Signature) -> tuple[Case, Signature]:
    from connector.store import links, resolutions, suspense

    async with app.database.write() as connection:
        found = await suspense.of_id(connection, case_id)
        if found is None:
            raise Misconfigured(f"suspense: no case {case_id} is open; expected a number that `suspense list` shows")
        if link is None:
            await resolutions.acknowledge(connection, case_id, signature)
        elif found.case.subject_kind == "member":
            await links.link(connection, found.case.subject_id, link, signature, reason=found.case.reason)
        else:
            raise Misconfigured(f"suspense: case {case_id} is not about a member; expected it without --link")
        return await resolutions.resolved(connection, case_id)


def _silence(case: Case) -> str:
    """Say what acknowledging a case does not do."""
    quiet = "The case comes back when something else is found, or the same after it was gone."
    return f"{_STILL[case.subject_kind]} {quiet}" if case.subject_kind in _STILL else quiet
