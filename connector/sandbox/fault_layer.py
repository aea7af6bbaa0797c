"""The layer round a simulator that makes planned faults happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from connector.sandbox.connections import drop
from connector.sandbox.faults import Effect, Fault, FaultPlan

CONTROL_PATH = "/_sandbox/faults"
GARBAGE = b"<html><body>Bad gate"
_DONE_FIRST = {Effect.LOSE, Effect.GARBAGE, Effect.FAIL}
_ANSWERS = {
    Effect.STATUS: b'{"message": "a planned fault"}',
    Effect.GARBAGE: GARBAGE,
    Effect.FAIL: b'{"errors": [{"message": "a planned fault", "path": ["fault"]}], "data": null}',
    Effect.PAGE: b"<html>\r\n<head><title>A planned fault</title></head>\r\n<body>nginx</body></html>",
}


class FaultLayer:
    """ASGI layer round a simulator: carries out the plan and answers at ``/_sandbox/faults``.

    ``operation_of`` names the operation of a path. Paths below ``/_sandbox/`` never go wrong.
    """

    def __init__(self, app: ASGIApp, operation_of: Callable[[str], str], plan: FaultPlan) -> None:
        self._app = app
        self._operation_of = operation_of
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "websocket":
            await self._faulty_socket(scope, receive, send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == CONTROL_PATH:
            response = await self._control(Request(scope, receive))
            await response(scope, receive, send)
        elif scope["path"].startswith("/_sandbox/"):
            await self._app(scope, receive, send)
        else:
            with suppress(ClientDisconnect):  # whoever goes away amid a request has asked for nothing
                await self._faulty(scope, receive, send)

    async def _faulty(self, scope: Scope, receive: Receive, send: Send) -> None:
        due = self._plan.due(self._operation_of(scope["path"]), scope["method"])
        for fault in due:
            if fault.effect is Effect.DELAY:
                await asyncio.sleep(fault.seconds)
        if not due or due[-1].effect is Effect.DELAY:
            await self._app(scope, receive, send)
        else:
            await self._broken(due[-1], scope, receive, send)

    async def _faulty_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open a WebSocket, unless a fault is due: its operation is its path, its method GET."""
        due = self._plan.due(self._operation_of(scope["path"]), "GET")
        for fault in due:
            if fault.effect is Effect.DELAY:
                await asyncio.sleep(fault.seconds)
        if not due or due[-1].effect is Effect.DELAY:
            await self._app(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        if due[-1].effect is Effect.STATUS:
            await socket.send_denial_response(Response(status_code=due[-1].status, headers=dict(due[-1].headers)))
        elif due[-1].effect is Effect.GARBAGE:
            await socket.accept()
            await socket.send_bytes(GARBAGE)
            await socket.close()
        else:
            await drop(scope, receive)

    async def _broken(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.effect in _DONE_FIRST:
            await self._app(scope, receive, _nowhere)
        if fault.effect in (Effect.LOSE, Effect.DROP):
            await drop(scope, receive)
            return
        status = 200 if fault.effect in _DONE_FIRST else fault.status
        kind = "text/html" if fault.effect is Effect.PAGE else "application/json"
        response = Response(_ANSWERS[fault.effect], status, dict(fault.headers), media_type=kind)
        await response(scope, receive, send)

    async def _control(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._planned(request)
        if request.method == "DELETE":
            self._plan.clear()
        elif request.method != "GET":
            return JSONResponse({"message": "expected GET, POST or DELETE"}, 405)
        return JSONResponse(self._plan.as_json())

    async def _planned(self, request: Request) -> Response:
        try:
            faults = [Fault.from_fields(fields) for fields in _objects(await request.json())]
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)
        for fault in faults:
            self._plan.add(fault)
        return JSONResponse(self._plan.as_json(), 201)


def _objects(given: Any) -> list[dict[str, Any]]:
    objects = given if isinstance(given, list) else [given]
    if not all(isinstance(one, dict) for one in objects):
        raise ValueError("expected a JSON object, or a list of them")
    return objects


async def _nowhere(message: Message) -> None:
    """An answer that nobody gets."""
