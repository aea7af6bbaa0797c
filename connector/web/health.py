"""For machines: whether the daemon lives, whether it can work, and its figures. Never about Mews or a partner."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connector.web.access import visitor_of
from connector.web.console import console_of
from connector.web.pulse import STALE
from connector.web.routing import Open


async def livez(request: Request) -> Response:
    """Tell whether the scheduler ticked lately: 200, else 503."""
    age = console_of(request).pulse.age
    fault = f"the scheduler last ticked {age:.0f} s ago; expected less than {STALE:.0f} s" if age > STALE else None
    return _finding(fault)


async def readyz(request: Request) -> Response:
    """Tell whether the database is migrated and takes writes: 200, else 503."""
    return _finding(await console_of(request).readiness.fault())


async def metrics(request: Request) -> Response:
    """Return the figures for Prometheus, where ``web.metrics`` is "token" only to an operator."""
    if console_of(request).app.settings.web.metrics == "token" and await visitor_of(request) is None:
        raise HTTPException(401, "The metrics need the bearer token of an operator.", {"WWW-Authenticate": "Bearer"})
    content, media_type = await console_of(request).app.exposition()
    return Response(content, media_type=media_type)


def _finding(fault: str | None) -> Response:
    if fault is None:
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable", "reason": fault}, 503)


ROUTES = [Open("/livez", livez), Open("/readyz", readyz), Open("/metrics", metrics)]
