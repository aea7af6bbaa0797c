"""The first page: how everything stands."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from connector.jobs.runner import JOBS
from connector.store import runs
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page
from connector.web.standing import standing

_MOST = 100


async def overview(request: Request) -> Response:
    """Show the systems, how fresh everything is, what waits, and the miles of the last days."""
    return render(request, "overview.html", standing=await standing(console_of(request).app))


async def latest_runs(request: Request) -> Response:
    """Show the latest runs, of all jobs or one."""
    wanted = request.query_params.get("job", "")
    async with console_of(request).app.database.read() as connection:
        found = await runs.listing(connection, _MOST, job=wanted or None)
    return render(request, "runs.html", runs=found, jobs=JOBS, wanted=wanted)


ROUTES = [Page("/", overview, title="Overview"), Page("/runs", latest_runs)]
