"""The operator log: who did what on the console."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.store import deeds
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page

_MOST = 100
_DIGITS = 18  # of a row's number


async def show(request: Request) -> Response:
    """Show what operators did, newest first."""
    asked = request.query_params
    before, operator = asked.get("before", ""), asked.get("operator", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= _DIGITS
    async with console_of(request).app.database.read() as connection:
        found = await deeds.recent(
            connection, _MOST + 1, before=int(before) if is_number else None, operator=operator or None
        )
    return render(request, "log.html", deeds=found[:_MOST], more=len(found) > _MOST, operator=operator)


ROUTES = [Page("/log", show, title="Log")]
