"""The sandbox's own endpoints below ``/_sandbox/``: counts, arrivals, staff edits, merges, the clock, all records,
and what Mews says by itself.

They need no token: the simulator listens on loopback only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from connector.sandbox.mews import edits
from connector.sandbox.mews.instants import wire
from connector.sandbox.mews.kinds import KINDS
from connector.sandbox.mews.records import text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

_COUNTED = ("calls", "ok", "refused", "rate_limited", "records")

Act = Callable[[State, dict[str, Any]], Any]


def routes() -> list[Route]:
    """Return the control endpoints."""
    acts = {"edit": _edit, "add": _add, "merge": _merge, "clock": _clock}
    return [
        Route("/_sandbox/stats", _stats, methods=["GET"]),
        Route("/_sandbox/arrivals", _arrivals, methods=["GET"]),
        Route("/_sandbox/records", _records, methods=["GET"]),
        Route("/_sandbox/websocket", _websocket, methods=["POST"]),
        Route("/_sandbox/webhook", _webhook, methods=["POST"]),
        *(Route(f"/_sandbox/{name}", _endpoint(act), methods=["POST"]) for name, act in acts.items()),
    ]


def _endpoint(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(act(request.app.state.simulator.state, await request.json()))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"The body is not as expected: {error!r}.") from None

    return endpoint


async def _stats(request: Request) -> Response:
    counts = request.app.state.simulator.counts
    return JSONResponse({name: {key: count[key] for key in _COUNTED} for name, count in counts.items()})


async def _arrivals(request: Request) -> Response:
    return JSONResponse([asdict(arrival) for arrival in request.app.state.simulator.arrivals])


def _edit(state: State, body: dict[str, Any]) -> Any:
    return edits.edit(state, body["kind"], body["id"], body["changes"]).whole()


def _add(state: State, body: dict[str, Any]) -> Any:
    return edits.add(state, body["kind"], body["record"]).whole()


def _merge(state: State, body: dict[str, Any]) -> Any:
    return edits.merge(state, body["source"], body["target"], body.get("memberships", "keep")).whole()


def _clock(state: State, body: dict[str, Any]) -> Any:
    state.shift_clock(float(body["offset_seconds"]))
    return {"NowUtc": wire(state.now())}


async def _records(request: Request) -> Response:
    kind = request.query_params.get("kind", "")
    if kind not in KINDS:
        raise Refused(f"Unknown kind '{kind}': expected one of {', '.join(KINDS)}.", 404)
    lines = _lines(request.app.state.simulator.state, kind)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _lines(state: State, kind: str) -> AsyncIterator[str]:
    for record in state.walk(kind):
        yield text(record.whole()) + "\n"


async def _websocket(request: Request) -> Response:
    """Say a text to all who listen (``{"say": "…"}``), or break their connections (``{"cut": true}``)."""
    body, events = await request.json(), request.app.state.events
    return JSONResponse({"ears": events.say(body["say"]) if "say" in body else events.cut()})


async def _webhook(request: Request) -> Response:
    """Call the address ``url`` with what changed since the call before; return what was answered."""
    call = request.app.state.events.call()
    status = await asyncio.to_thread(_posted, (await request.json())["url"], text(call).encode())
    return JSONResponse({"events": len(call["Events"]), "status": status})


def _posted(url: str, content: bytes) -> int:
    """Return the HTTP status of a POST, 0 when there was no answer."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)  # as long as Mews waits
    try:
        connection.request("POST", parts.path, content, {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
