"""``members opt-out``: partners are told nothing of a guest any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.members import Reason, signature

if TYPE_CHECKING:
    from connector.bootstrap import App


def opt_out(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="WORD", help="A guest id, member id or member number.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take it back: stays are told to partners again.")] = False,
    reason: Reason = None,
) -> None:
    """Tell partners nothing more of a guest: no stay, no number; what was told stays told."""
    from connector.cli.session import within

    async def work(app: App) -> None:
        from connector.store import persons, sharing

        async with app.database.write() as connection:
            person = await persons.find(connection, app.chain.hasher, word)
            for kind, ids in ((sharing.GUEST, person.accounts), (sharing.MEMBER, person.members)):
                for each in sorted(ids):
                    if undo:
                        await sharing.opt_in(connection, kind, each)
                    else:
                        await sharing.opt_out(connection, kind, each, signature(app, reason))

    within(context, work)
    told = "may be told again" if undo else "are told nothing more"
    typer.echo(f"Partners {told} of this guest's stays; the next `sync` decides them again.")
