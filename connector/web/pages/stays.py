"""Stays and awards: looking for one, and everything about it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.store import account, dossiers, search
from connector.store import stays as store
from connector.web import forms
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page
from connector.web.stay_file import stay_file

_MOST = 50
_LATEST = 20
_UNKNOWN = "No stay is known by this id."


async def ask(request: Request) -> Response:
    """Show the form, and the latest messages."""
    async with console_of(request).app.database.read() as connection:
        lines = await account.lines(connection, None, None, _LATEST)
    return render(request, "stays.html", lines=lines, word=None)


async def found(request: Request) -> Response:
    """Look for stays and people. The word comes in a form, not in an address: it may be a member number."""
    word = (await forms.fields(request)).get("word", "")
    async with console_of(request).app.database.read() as connection:
        hits = await search.stays_of(connection, word, _MOST)
        people = await dossiers.dossiers(connection, word) if word else []
        awards = [] if hits or not word else await account.accounts(connection, word)
        places = await store.properties(connection)
    if len(hits) == 1 and not people:
        return RedirectResponse(f"/stays/{hits[0].reservation_id}", status_code=303)
    return render(request, "stays.html", word=word, hits=hits, people=people, awards=awards, places=places, most=_MOST)


async def stay(request: Request) -> Response:
    """Show one stay: what was decided for each partner, how, and what was sent."""
    known = await stay_file(console_of(request).app, request.path_params["reservation_id"])
    if known is None:
        raise HTTPException(404, _UNKNOWN)
    return render(request, "stay.html", file=known)


async def award(request: Request) -> Response:
    """Show one award with its messages and history: of a grant there is nothing else."""
    async with console_of(request).app.database.read() as connection:
        awards = await account.accounts(connection, request.path_params["award_id"])
    if not awards:
        raise HTTPException(404, "No award is known by this id.")
    return render(request, "award.html", awards=awards)


ROUTES = [
    Page("/stays", ask, title="Stays"),
    Page("/stays", found, methods=["POST"]),
    Page("/stays/{reservation_id}", stay),
    Page("/awards/{award_id}", award),
]
