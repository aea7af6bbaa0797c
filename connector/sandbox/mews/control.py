"""The sandbox's own endpoints below ``/_sandbox/``: counts, arrivals, staff edits, merges, the clock, all records.

They need no token: the simulator listens on loopback only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

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
