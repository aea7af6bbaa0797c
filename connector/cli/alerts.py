"""``alerts``: what is wrong with the service, and whether people would be told."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from connector.cli.filters import Newest
from connector.cli.output import AsJson, print_json, say, table
from connector.errors import Misconfigured, Unfinished

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.store.incidents import Standing

app = typer.Typer(no_args_is_help=True, help="What is wrong with the service, and who is told.")


@app.callback()
def alerts() -> None:
    """Group the commands."""


@app.command("list")
def listing(
    context: typer.Context,
    limit: Newest = 50,
    as_json: AsJson = False,
) -> None:
    """List the incidents, those that last and those that are over."""
    from connector.cli.session import within

    async def work(app: App) -> list[Standing]:
        from connector.store import incidents

        async with app.database.read() as connection:
            return await incidents.listing(connection, limit)

    found = within(context, work)
    if as_json:
        print_json([asdict(each.incident) | _times(each) for each in found])
        return
    rows = [(each.opened_at, each.closed_at or "lasts", *_what(each)) for each in found]
    table(("since", "until", "kind", "where", "what"), rows, "Nothing was ever wrong.")


@app.command()
def test(context: typer.Context) -> None:
    """Send a test notice by every way that is configured, and ask for the ping's address once."""
    from connector.cli.session import within

    if failed := within(context, _test):
        raise Unfinished("; ".join(failed))


async def _test(app: App) -> list[str]:
    from connector.errors import ConnectorError
    from connector.ports.notices import Notice

    if not app.watch.tellers and app.ping is None:
        raise Misconfigured("alerts: nobody is told; expected a webhook_url, a ping_url or a table [alerts.mail]")
    text = "This is a test of the loyalty connector's notices. Nothing is wrong."
    notice = Notice("test", "Test", text, app.chain.clock.now())
    ways = {name: teller.tell(notice) for name, teller in app.watch.tellers.items()}
    if app.ping is not None:
        ways["ping"] = app.ping.ping()
    failed: list[str] = []
    for name, telling in ways.items():
        try:
            await telling
        except ConnectorError as error:
            failed.append(str(error))
        else:
            say(f"alerts: {name} took the test")
    return failed


def _what(found: Standing) -> tuple[str, str, str]:
    return str(found.incident.kind), found.incident.subject, found.incident.text


def _times(found: Standing) -> dict[str, object]:
    return {"id": found.id, "opened_at": found.opened_at, "seen_at": found.seen_at, "closed_at": found.closed_at}
