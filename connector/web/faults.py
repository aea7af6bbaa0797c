"""What a visitor is told when something does not work: one clear sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from connector.errors import Conflict as Changed
from connector.errors import ConnectorError, Misconfigured, Permanent, Refused, Skippable
from connector.telemetry.redact import scrub
from connector.web.rendering import render

_ENDED = 499  # the visitor went away: nobody reads the answer
_OWN_WORDS = {404: "There is no such page.", 405: "This page does not do that.", 413: "This is too long."}
_DEFECT = "Something unexpected happened; the log of the connector has the details."


def handlers() -> Mapping[Any, Any]:
    """Return how each kind of error is answered."""
    return {HTTPException: _refused, ConnectorError: _failed, ClientDisconnect: _ended, Exception: _defect}


def wants_json(request: Request) -> bool:
    """Tell whether a program asks, and no browser."""
    accepted = request.headers.get("accept", "")
    return "text/html" not in accepted and "json" in accepted


async def _refused(request: Request, error: HTTPException) -> Response:
    own = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    return answer(request, error.status_code, own or _OWN_WORDS.get(error.status_code, error.detail), error.headers)


async def _failed(request: Request, error: ConnectorError) -> Response:
    """Tell what a job told; its sentences are for people and hold no secret."""
    return answer(request, _status(error), scrub(str(error)))


async def _ended(_request: Request, _error: ClientDisconnect) -> Response:
    return Response(status_code=_ENDED)


async def _defect(request: Request, _error: Exception) -> Response:
    return answer(request, 500, _DEFECT)


def _status(error: ConnectorError) -> int:
    if isinstance(error, Refused | Changed):
        return 409
    if isinstance(error, Misconfigured | Skippable):
        return 422
    return 502 if isinstance(error, Permanent) else 503


def answer(request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a sentence as a page, or to a program as JSON."""
    if wants_json(request):
        return JSONResponse({"error": sentence}, status, headers=headers)
    return render(request, "fault.html", status=status, headers=headers, sentence=sentence)
