"""What a partner simulator tells beside the partner's own interface: its credits and its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.journal import Journal


def application(journal: Journal, calls: Counter[str], routes: Sequence[Route]) -> Starlette:
    """The partner's routes with ``/_sandbox/credits``, ``totals`` and ``stats``; it closes the journal.

    ``calls`` counts the calls of each operation since the start of the process.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        journal.close()

    async def credits_(_: Request) -> Response:
        return JSONResponse(journal.credits())

    async def totals(_: Request) -> Response:
        return JSONResponse(journal.totals())

    async def stats(_: Request) -> Response:
        return JSONResponse(calls)

    pages = {"credits": credits_, "totals": totals, "stats": stats}
    controls = [Route(f"/_sandbox/{name}", page) for name, page in pages.items()]
    app = Starlette(routes=[*controls, *routes], lifespan=lifespan)
    app.state.journal = journal
    return app
