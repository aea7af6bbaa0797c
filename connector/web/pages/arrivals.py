"""What is to be cleared up before guests arrive."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.jobs.arrivals import DAYS, MOST, concerns
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page


async def show(request: Request) -> Response:
    """Show the arrivals of the next days whose guest has a bad number or an open match."""
    app = console_of(request).app
    found = await concerns(app.chain, app.runner.partnerships)
    return render(request, "arrivals.html", concerns=found, days=DAYS, most=MOST)


ROUTES = [Page("/arrivals", show, title="Arrivals")]
