"""A partner's server that writes down what reaches it, byte by byte, and answers as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.serving import serving

GIVEN = {"data": {"createEvent": True}}


@dataclass(slots=True)
class Recorder:
    """``bodies`` are the requests that came; ``answers`` are used up one by one, then everything is credited."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    on_request: Callable[[], None] = lambda: None

    async def answer(self, request: Request) -> Response:
        """Write down and answer; tokens of AIR MILES are always given."""
        if request.url.path == "/oauth/token":
            return JSONResponse({"access_token": "a-token-of-the-recorder", "expires_in": 3600})
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        self.on_request()
        return self.answers.pop(0) if self.answers else JSONResponse(GIVEN)


@asynccontextmanager
async def recording() -> AsyncIterator[Recorder]:
    """Serve a recorder."""
    recorder = Recorder()
    app = Starlette(routes=[Route("/{path:path}", recorder.answer, methods=["POST"])])
    async with serving(app) as url:
        recorder.url = url
        yield recorder
