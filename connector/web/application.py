"""The routes of every page, as one application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from connector.web import assets, health, webhooks
from connector.web.console import Console
from connector.web.faults import handlers
from connector.web.headers import LimitedBody, SecureHeaders
from connector.web.pages import home, login
from connector.web.routing import Open

#: In the order of the navigation.
ROUTES: tuple[BaseRoute, ...] = (
    *home.ROUTES,
    *login.ROUTES,
    *health.ROUTES,
    *webhooks.ROUTES,
    Open(f"{assets.PATH}/{{digest}}/{{name}}", assets.static),
)


def application(console: Console) -> ASGIApp:
    """Return the application of a console."""
    inner = Starlette(routes=list(ROUTES), middleware=[Middleware(LimitedBody)], exception_handlers=dict(handlers()))
    inner.router.redirect_slashes = False  # its redirect would go to whatever host the request names
    inner.state.console = console
    return SecureHeaders(inner, tls=(console.base_url or "").startswith("https:"))
