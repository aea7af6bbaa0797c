"""The first page: how everything stands."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page
from connector.web.standing import standing


async def overview(request: Request) -> Response:
    """Show the systems, how fresh everything is, what waits, and the miles of the last days."""
    return render(request, "overview.html", standing=await standing(console_of(request).app))


ROUTES = [Page("/", overview, title="Overview")]
