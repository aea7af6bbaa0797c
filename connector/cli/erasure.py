"""``erase``: take a person out of the database for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.output import AsJson, print_json, say
from connector.errors import Refused

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.erasing import Found

Word = Annotated[
    str, typer.Argument(metavar="WORD", help="The person's guest id in Mews, member id, or member number.")
]


def erase(
    context: typer.Context,
    word: Word,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good: their data goes, what was credited stays in the books without them."""
    from connector.cli.session import within

    if not yes:
        found = within(context, lambda app: _look(app, word))
        say(f"To be erased: {_told(found)}.")
        say("Miles, dates and properties stay in the books. Erase the person in Mews and in the scheme too.")
        _ask()
    gone = within(context, lambda app: _erase(app, word))
    if as_json:
        print_json({"erased": gone.rows})
        return
    typer.echo(f"Erased: {_told(gone)}. Copies made before still hold the person; later ones do not.")


def _ask() -> None:
    try:
        sure = typer.confirm("Erase this person for good?", err=True)
    except typer.Abort:
        sure = False
    if not sure:
        raise Refused("erase: nothing was erased; expected yes, or --yes in a script")


async def _look(app: App, word: str) -> Found:
    from connector.jobs import erasing

    return await erasing.look(app.runner, word)


async def _erase(app: App, word: str) -> Found:
    from connector.jobs import erasing

    found = await erasing.erase(app.runner, word)
    if app.database.file is None:
        say(
            "PostgreSQL: the rows are gone and their space is free (VACUUM was run); old bytes stay in its files until "
            "that space is used again or VACUUM FULL is run, and in its WAL and base backups until those are recycled."
        )
    return found


def _told(found: Found) -> str:
    return ", ".join(f"{count} {title}" for title, count in found.rows.items()) or "nothing but the opting out"
