"""Logging in by a token, and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.web import cookies, forms
from connector.web.access import by_token, log_in, log_out
from connector.web.console import console_of
from connector.web.journal import note
from connector.web.rendering import render
from connector.web.routing import CLOSED, Open, Page, visitor

_WRONG = "This token is nobody's."
_NO_COOKIE = (
    "Your browser sent no cookie back. It keeps cookies of this console only over https://, or on this machine itself "
    "(http://localhost)."
)


async def ask(request: Request) -> Response:
    """Show the form, and to somebody whom a reverse proxy names why that is not enough."""
    named = console_of(request).proxies.login(request)
    fault = f"The reverse proxy calls you {named}, and no operator here has this login." if named else ""
    return _form(request, request.query_params.get("next", "/"), fault)


async def enter(request: Request) -> Response:
    """Take a token, and begin a login."""
    console, secret = console_of(request), cookies.read(request, cookies.VISIT)
    _closed_to_all(request)
    given = await forms.fields(request)
    target = given.get("next", "/")
    if not secret:
        return _form(request, target, _NO_COOKIE, status=403)
    await forms.verify(request, secret, console.base_url)
    person = by_token(request, given.get("token", ""))
    if person is None:
        return _form(request, target, _WRONG, status=403)
    response = RedirectResponse(_within(target), status_code=303)
    cookies.keep(request, response, cookies.LOGIN, await log_in(console, person))
    cookies.drop(request, response, cookies.VISIT)
    await note(request, person, "login", "Logged in.")
    return response


async def leave(request: Request) -> Response:
    """End the login."""
    await log_out(console_of(request), visitor(request).secret)
    await note(request, visitor(request).person, "logout", "Logged out.")
    response = RedirectResponse("/login", status_code=303)
    cookies.drop(request, response, cookies.LOGIN)
    return response


def _form(request: Request, target: str, fault: str = "", status: int = 200) -> Response:
    _closed_to_all(request)
    secret = cookies.read(request, cookies.VISIT) or cookies.fresh()
    shown, token = _within(target), forms.token(secret)
    response = render(request, "login.html", status=status, target=shown, fault=fault, form_token=token)
    cookies.keep(request, response, cookies.VISIT, secret)
    return response


def _closed_to_all(request: Request) -> None:
    if not console_of(request).roster.is_open:
        raise HTTPException(403, CLOSED)


def _within(target: str) -> str:
    """Return a path of this console: an address from outside leads nowhere else."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    plain = target.isprintable() and "\\" not in target and target.startswith("/") and not target.startswith("//")
    return target if plain and not parts.scheme and not parts.netloc else "/"


ROUTES = [
    Open("/login", ask),
    Open("/login", enter, methods=["POST"]),
    Page("/logout", leave, methods=["POST"]),
]
