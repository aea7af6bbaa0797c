"""``earn explain``: what a reservation earns at each partner, how the number came about, and what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import reckoning
from connector.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.account import Account, Line
    from connector.store.decisions import Kept

Found = tuple["list[Kept]", "list[Account]", dict[str, str]]
_ID = re.compile(r"[0-9A-Za-z_-]{8,}", re.ASCII)


def explain(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="RESERVATION", help="Confirmation number, id or channel number.")],
    as_json: AsJson = False,
) -> None:
    """Explain what a reservation earns at each partner, and how the number came about."""
    from connector.cli.session import within

    async def work(app: App) -> Found:
        from connector.jobs.lookup import the_one
        from connector.store import account, decisions, names

        async with app.database.read() as connection:
            reservation_id = await the_one(connection, word, "earn explain")
            kept = await decisions.of(connection, reservation_id)
            return kept, await account.accounts(connection, reservation_id), await names.labels(connection)

    kept, accounts, labels = within(context, work)
    if as_json:
        print_json([_as_json(each, accounts) for each in kept])
        return
    if not kept:
        typer.echo(f"{word}: not checked out yet, so no partner looks at it")
    for each in sorted(kept, key=lambda one: one.status != "awarded"):
        typer.echo(_called("\n".join(_account(each, accounts)), labels))


def _as_json(kept: Kept, accounts: Sequence[Account]) -> dict[str, Any]:
    """Return a decision with the awards that it led to, their messages and history."""
    return asdict(kept) | {"awards": [asdict(each) for each in accounts if each.partner == kept.partner]}


def _called(text: str, labels: Mapping[str, str]) -> str:
    """Write names for the ids of rates, segments and the like."""
    return _ID.sub(lambda found: f'"{labels[found[0]]}"' if found[0] in labels else found[0], text)


def _account(kept: Kept, accounts: Sequence[Account]) -> list[str]:
    """Return a decision in words."""
    due = f", looked at again on {kept.due_at:%Y-%m-%d %H:%M}Z" if kept.due_at else ""
    lines = [f"{kept.partner}: {kept.status}: {kept.text}{due}"]
    lines += [f"  {line}" for line in reckoning.lines(kept.explanation)]
    own = [each for each in accounts if each.partner == kept.partner]
    return lines + [f"  {_message(line)}" for each in own for line in each.messages]


def _message(line: Line) -> str:
    why = f" ({line.reason})" if line.reason else ""
    return f"{line.kind} {line.revision} of {line.miles} miles to {line.member}: {line.state}{why}"
