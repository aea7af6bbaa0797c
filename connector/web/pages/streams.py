"""How far each stream of Mews was read, and reading one from its beginning."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.bootstrap import App
from connector.errors import Misconfigured
from connector.jobs import reset as resetting
from connector.jobs.properties import STAY_STREAMS
from connector.jobs.scopes import STREAMS, scopes
from connector.store import cursors
from connector.store.proposals import Details
from connector.web import forms
from connector.web.approvals import Action, carry_out
from connector.web.console import Console, console_of
from connector.web.formats import words
from connector.web.outcome import told
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page


async def show(request: Request) -> Response:
    """Show the cursors."""
    app = console_of(request).app
    async with app.database.read() as connection:
        found = await cursors.every(connection)
    stays = set(STAY_STREAMS)
    return render(
        request,
        "cursors.html",
        cursors=found,
        streams=STREAMS,
        stay_streams=stays,
        tables=list(app.chain.tokens),
        days=app.settings.mews.history.days,
    )


async def reset(request: Request) -> Response:
    """Forget how far a stream was read."""
    given = await forms.fields(request)
    stream, table = given.get("stream", ""), given.get("property", "")
    if given.get("sure") != "yes":
        raise Misconfigured("The box is not ticked; expected that you want everything read again.")
    of = scopes(console_of(request).app.chain, stream, table or None)
    text = f"Read {words(stream)} of {', '.join(of)} from the beginning"
    outcome = await carry_out(request, RESET, {"stream": stream, "table": table}, text=text, miles=0, subject=stream)
    return told(request, outcome, links={"Cursors": "/cursors"})


async def _reset(console: Console, operator: str, details: Details) -> str:
    app, stream = console.app, str(details["stream"])
    wanted = scopes(app.chain, stream, str(details["table"]) or None)
    await resetting.reset(app.runner, stream, wanted, operator)
    return f"The next pass reads {words(stream)} of {', '.join(wanted)} from the beginning. {_consequence(app, stream)}"


def _consequence(app: App, stream: str) -> str:
    if stream in STAY_STREAMS:
        return f"It reads {app.settings.mews.history.days} days of history again, and decides what changed."
    return "Until all of it is read, no membership is written."


RESET = Action("reset cursor", _reset)
ACTIONS = (RESET,)
ROUTES = [Page("/cursors", show, title="Cursors"), Page("/cursors/reset", reset, methods=["POST"], role=Role.OPERATE)]
