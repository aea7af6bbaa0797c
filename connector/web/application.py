"""The routes of every page, as one application."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from connector.web import assets, health, webhooks
from connector.web.approvals import Action
from connector.web.console import Console
from connector.web.faults import handlers
from connector.web.headers import LimitedBody, SecureHeaders
from connector.web.pages import (
    arrivals,
    configuration,
    journal,
    login,
    messages,
    miles,
    overview,
    people,
    plan,
    proposals,
    stays,
    streams,
    suspense,
)
from connector.web.routing import Open

#: In the order of the navigation.
ROUTES: tuple[BaseRoute, ...] = (
    *overview.ROUTES,
    *stays.ROUTES,
    *messages.ROUTES,
    *people.ROUTES,
    *suspense.ROUTES,
    *arrivals.ROUTES,
    *plan.ROUTES,
    *miles.ROUTES,
    *proposals.ROUTES,
    *streams.ROUTES,
    *configuration.ROUTES,
    *journal.ROUTES,
    *login.ROUTES,
    *health.ROUTES,
    *webhooks.ROUTES,
    Open(f"{assets.PATH}/{{digest}}/{{name}}", assets.static),
)

#: What pages do through ``approvals``.
ACTIONS: tuple[Action, ...] = (
    *messages.ACTIONS,
    *people.ACTIONS,
    *suspense.ACTIONS,
    *plan.ACTIONS,
    *streams.ACTIONS,
)


def application(console: Console, routes: Sequence[BaseRoute] = ROUTES, actions: Sequence[Action] = ACTIONS) -> ASGIApp:
    """Return the application of a console."""
    handled = dict(handlers())
    inner = Starlette(routes=list(routes), middleware=[Middleware(LimitedBody)], exception_handlers=handled)
    inner.router.redirect_slashes = False  # its redirect would go to whatever host the request names
    inner.state.console = console
    inner.state.actions = {each.name: each for each in actions}
    return SecureHeaders(inner, tls=(console.base_url or "").startswith("https:"))
