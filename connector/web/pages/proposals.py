"""What waits for a second person, and what became of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.store import proposals
from connector.web.approvals import accept, decline
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page, visitor

_SHOWN = 100
PATH = "/proposals"


async def listing(request: Request) -> Response:
    """Show the proposals, undecided ones first."""
    console, person = console_of(request), visitor(request).person
    async with console.app.database.read() as connection:
        found = await proposals.recent(connection, _SHOWN)
    limit = console.app.settings.web.second_person_above
    return render(
        request,
        "proposals.html",
        found=found,
        now=console.now(),
        limit=limit,
        approves=person.role.includes(Role.APPROVE),
    )


async def accepting(request: Request) -> Response:
    """Do what another person proposed."""
    await accept(request, request.path_params["number"])
    return RedirectResponse(PATH, status_code=303)


async def declining(request: Request) -> Response:
    """End a proposal without doing it."""
    await decline(request, request.path_params["number"])
    return RedirectResponse(PATH, status_code=303)


ROUTES = [
    Page(PATH, listing, title="Proposals"),
    Page(f"{PATH}/{{number:int}}/accept", accepting, role=Role.APPROVE, methods=["POST"]),
    Page(f"{PATH}/{{number:int}}/decline", declining, role=Role.OPERATE, methods=["POST"]),
]
