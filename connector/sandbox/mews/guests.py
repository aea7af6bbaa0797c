"""The pages that show guests: a searchable list and one profile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connector.sandbox.mews import profiles

Page = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    """Return the guest pages."""
    pages = Environment(loader=PackageLoader(__package__), autoescape=True, trim_blocks=True)
    return [
        Route("/", _home, methods=["GET"]),
        Route("/guests", _list(pages), methods=["GET"]),
        Route("/guests/{id}", _profile(pages), methods=["GET"]),
    ]


async def _home(_: Request) -> Response:
    return RedirectResponse("/guests")


def _list(pages: Environment) -> Page:
    async def page(request: Request) -> Response:
        state = request.app.state.simulator.state
        words = request.query_params.get("q", "").strip()
        guests = profiles.found(state, words)
        held = profiles.held(state, [guest.id for guest in guests])
        return _html(pages, "guests.html", words=words, guests=guests, held=held)

    return page


def _profile(pages: Environment) -> Page:
    async def page(request: Request) -> Response:
        found = profiles.profile(request.app.state.simulator.state, request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        return _html(pages, "guest.html", profile=found, body=found.guest.body)

    return page


def _html(pages: Environment, name: str, **values: Any) -> Response:
    return HTMLResponse(pages.get_template(name).render(**values))
