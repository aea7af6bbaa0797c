"""The first page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.web.rendering import render
from connector.web.routing import Page


async def home(request: Request) -> Response:
    """Show which chain this is, and where to go."""
    return render(request, "home.html")


ROUTES = [Page("/", home, title="Overview")]
