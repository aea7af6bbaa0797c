"""The two kinds of route: pages, which only a person who is logged in reaches, and what is open to strangers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connector.web import cookies, forms
from connector.web.access import Visitor, visitor_of
from connector.web.console import console_of
from connector.web.faults import wants_json
from connector.web.roster import Role

Endpoint = Callable[[Request], Awaitable[Response]]
_SAFE = ("GET", "HEAD")
CLOSED = (
    "The console is closed, because nobody can log in: expected the secret web.admin_token "
    "(LOYALTY_WEB__ADMIN_TOKEN, or the secret file web__admin_token)."
)


class _Anything(Convertor[str]):
    """The part of an address that holds an id of somebody else's making, with whatever characters."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        """Return the id."""
        return value

    def to_string(self, value: str) -> str:
        """Return the part of the address."""
        return value


register_url_convertor("any", _Anything())  # starlette knows convertors of the whole process only


class Open(Route):
    """A route that anybody reaches."""


class Page(Route):
    """A route for people with a role; whatever changes something also needs a form of ours (or a bearer token).

    ``title`` puts it into the navigation of those who may see it.
    """

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        role: Role = Role.READ,
        methods: Sequence[str] = ("GET",),
        title: str = "",
    ) -> None:
        super().__init__(path, _guarded(endpoint, role), methods=list(methods))
        self.role = role
        self.title = title


def visitor(request: Request) -> Visitor:
    """Return who looks at a page."""
    found: Visitor = request.state.visitor
    return found


def _guarded(endpoint: Endpoint, role: Role) -> Endpoint:
    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        console = console_of(request)
        if not console.roster.is_open:
            raise HTTPException(403, CLOSED)
        found = await visitor_of(request)
        if found is None:
            return _to_login(request)
        request.state.visitor = found
        if "\0" in unquote(f"{request.url.path}?{request.url.query}"):
            raise HTTPException(400, forms.NUL)
        if not found.person.role.includes(role):
            raise HTTPException(
                403, f"This needs the role {role}; {found.person.name} has the role {found.person.role}."
            )
        if request.method not in _SAFE and found.by != "bearer":
            await forms.verify(request, found.secret, console.base_url)
        response = await endpoint(request)
        if found.by == "proxy" and not cookies.read(request, cookies.VISIT):
            cookies.keep(request, response, cookies.VISIT, found.secret)
        return response

    return guarded


def _to_login(request: Request) -> Response:
    """Send a person to the login, and back afterwards; tell a program that it needs a token."""
    back = f"/login?next={quote(_target(request), safe='/')}" if request.method in _SAFE else "/login"
    if request.headers.get("hx-request"):  # a part of a page cannot be the login: the whole page goes there
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    if wants_json(request) or request.headers.get("authorization"):
        raise HTTPException(401, "This needs a login.", {"WWW-Authenticate": "Bearer"})
    return RedirectResponse(back, status_code=303)


def _target(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
