"""The settings as they take effect, each with where it came from; of secrets only whether they are set."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from connector.settings import rows
from connector.settings.effective import Row
from connector.web.console import console_of
from connector.web.rendering import render
from connector.web.routing import Page


async def show(request: Request) -> Response:
    """Show every setting, by table."""
    settings = console_of(request).app.settings
    tables: dict[str, list[tuple[str, str, str]]] = {}
    for row in rows(settings):
        tables.setdefault(row.key.partition(".")[0].partition("[")[0], []).append((row.key, _written(row), row.source))
    return render(request, "configuration.html", tables=tables, file=settings.file.name)


def _written(row: Row) -> str:
    return "absent" if row.value is None else json.dumps(row.value, ensure_ascii=False)


ROUTES = [Page("/configuration", show, title="Configuration")]
