"""``ledger batch``: an unofficial file of issuances, for a partner that takes files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.new_file import new_file
from connector.cli.output import AsJson, print_json
from connector.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.partners.airmiles.batch import Batch

_SIGNS = "{ABCDEFGHI}JKLMNOPQR"
_NEWLINES = {"crlf": "\r\n", "lf": "\n", "none": ""}


def batch(
    context: typer.Context,
    partner: Annotated[str, typer.Option(help="A partner with mode = shadow, as the settings call it.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First departure.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last departure.")],
    provider: Annotated[str, typer.Option(help="Code of who transmits, 4 characters.")],
    sequence: Annotated[int, typer.Option(help="Number of the file, from 1 on.")],
    directory: Annotated[Path, typer.Option(help="Where the file is written; it holds member numbers.")],
    sponsor: Annotated[str, typer.Option(help="Code of who awards; absent: the partner's sponsor code.")] = "",
    tender: Annotated[str, typer.Option(help="How guests paid: CASH, DEBT, CRED or MIXD; absent: not told.")] = "",
    signs: Annotated[str, typer.Option(help="Last digits for +0 to +9 and -0 to -9.")] = _SIGNS,
    newline: Annotated[str, typer.Option(metavar="crlf|lf|none", help="What ends a record.")] = "crlf",
    as_json: AsJson = False,
) -> None:
    """Write the shadow awards of a period as an unofficial 250-byte batch file (AIR MILES)."""
    from connector.cli.session import within

    period = (first.date(), last.date())
    if newline not in _NEWLINES:
        raise Misconfigured(f"ledger batch: --newline {newline!r} is not known; expected one of {', '.join(_NEWLINES)}")
    if tender not in ("", "CASH", "DEBT", "CRED", "MIXD"):
        raise Misconfigured(f"ledger batch: --tender {tender!r} is not known; expected CASH, DEBT, CRED or MIXD")

    async def work(app: App) -> tuple[str, Batch]:
        from connector.bootstrap.airmiles import batch_writer
        from connector.partners.airmiles.batch import Layout
        from connector.store import rehearsed

        writer = batch_writer(app.settings, partner)
        layout = Layout(provider, sequence, sponsor or writer.sponsor, signs, tender, _NEWLINES[newline])
        async with app.database.read() as connection:
            found = await rehearsed.credits_between(connection, partner, *period)
        return layout.name, writer.write(found, layout, app.chain.clock.now())

    name, made = within(context, work)
    path = _written(directory / name, made.content)
    told = {"file": str(path), "issuances": made.issuances, "miles": made.miles}
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{path}: {made.issuances} issuances, {made.miles} miles; {_WARNING}")


_WARNING = "the layout is unofficial: compare it with the partner's specification, and export each period once"


def _written(path: Path, content: bytes) -> Path:
    """Write a new file that only its owner may read: it holds member numbers."""
    if path.exists():
        raise Refused(f"ledger batch: {path} exists already; expected a new --sequence")
    with new_file(path, "ledger batch", replaces=False) as file:
        file.write(content.decode("ascii"))
    return path
