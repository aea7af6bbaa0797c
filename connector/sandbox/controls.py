"""What a simulator tells beside its own interface: its calls, and a partner's its credits."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.journal import Journal


def application(
    journal: Journal, calls: Counter[str], routes: Sequence[Route], close: Callable[[], None] = lambda: None
) -> Starlette:
    """The partner's routes with ``/_sandbox/credits``, ``totals`` and ``stats``; it closes the journal, then ``close``.

    ``calls`` counts the calls of each operation since the start of the process.
    """

    def end() -> None:
        journal.close()
        close()

    async def credits_(_: Request) -> Response:
        return JSONResponse(journal.credits())

    async def totals(_: Request) -> Response:
        return JSONResponse(journal.totals())

    controls = [Route("/_sandbox/credits", credits_), Route("/_sandbox/totals", totals)]
    app = counted(calls, [*controls, *routes], end)
    app.state.journal = journal
    return app


def counted(calls: Counter[str], routes: Sequence[Route], close: Callable[[], None]) -> Starlette:
    """The routes with ``/_sandbox/stats``, the ``calls`` since the start of the process; it closes its state."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        close()

    async def stats(_: Request) -> Response:
        return JSONResponse(calls)

    return Starlette(routes=[Route("/_sandbox/stats", stats), *routes], lifespan=lifespan)
