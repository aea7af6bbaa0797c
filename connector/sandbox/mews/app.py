"""The simulator as an ASGI application."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from connector.sandbox.mews import contract, control, events, guests
from connector.sandbox.mews.limit import Limit, SlidingWindow
from connector.sandbox.mews.records import text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.simulator import WRITES, Simulator
from connector.sandbox.mews.state import State

PREFIX = "/api/connector/v1/"


def operation_of(path: str) -> str:
    """Return the operation that a path names, such as ``loyaltyMemberships/add``; any other path as it is."""
    return path.removeprefix(PREFIX)


def create_app(
    state_path: Path, *, limit: Limit | None = None, clock: Callable[[], float] = time.monotonic
) -> Starlette:
    """Return the simulator over one state file (made when absent), without a limit unless one is given.

    ``clock`` tells the seconds by which the limit counts. ``app.state.simulator`` is the Simulator; its state is
    open at once and closed when the application shuts down. Answers carry the simulated time as ``Date``, so a
    server that adds its own must be told not to.
    """
    simulator = Simulator(State(state_path), SlidingWindow(limit, clock))
    for operation in contract.operations():
        contract.request_check(operation)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        simulator.state.close()

    serving = Route(PREFIX + "{operation:path}", _serve, methods=["POST"])
    listening = WebSocketRoute(events.PATH, events.listen)
    routes: list[BaseRoute] = [serving, listening, *control.routes(), *guests.routes()]
    handlers = {Refused: _refused, HTTPException: _wrong_address, Exception: _failed}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)  # type: ignore[arg-type]
    app.state.simulator, app.state.events = simulator, events.Events(simulator.state)
    simulator.state.watchers.append(app.state.events.changed)
    return app


async def _serve(request: Request) -> Response:
    operation = request.path_params["operation"]
    if operation not in contract.operations():
        raise HTTPException(404)
    answer = request.app.state.simulator.perform(operation, await _json(request))
    if operation in WRITES and request.headers.get("Prefer") == "return=minimal":
        return _respond(request, 204, "")
    return _respond(request, 200, answer.content)


async def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise Refused("Content-Type application/json is expected.")
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refused("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused("The body is expected to be a JSON object.")
    return body


async def _refused(request: Request, error: Refused) -> Response:
    return _fault(request, error.status, error.message, error.headers)


async def _wrong_address(request: Request, error: HTTPException) -> Response:
    message = "Nothing is served at this address." if error.status_code == 404 else error.detail
    return _fault(request, error.status_code, message, error.headers)


async def _failed(request: Request, _: Exception) -> Response:
    return _fault(request, 500, "The sandbox failed; its own log says why.")


def _fault(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    request_id = str(uuid4())
    content = text({"Message": message, "RequestId": request_id})
    return _respond(request, status, content, {"Request-Id": request_id, **(headers or {})})


def _respond(request: Request, status: int, content: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with what every answer of Mews carries: a request id and the server's time."""
    now = request.app.state.simulator.state.now()
    stamped = {"Request-Id": str(uuid4()), "Date": format_datetime(now, usegmt=True), **(headers or {})}
    return Response(content, status, stamped, media_type="application/json")
