"""The description of the routes, and the routes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from starlette.routing import Route

from connector.web import application
from connector.web.routing import Open, Page

FILE = Path(application.__file__).with_name("openapi.json")
DESCRIBED: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["paths"]


def served() -> list[tuple[str, str, Route]]:
    """Return every route by path (as OpenAPI writes it) and method."""
    return [
        (re.sub(r":\w+\}", "}", route.path), method.lower(), route)
        for route in application.ROUTES
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    ]


def test_every_route_is_either_for_operators_or_said_to_be_open() -> None:
    assert [route for route in application.ROUTES if not isinstance(route, Page | Open)] == []


def test_every_route_is_described_and_nothing_else_is() -> None:
    described = sorted((path, method) for path, methods in DESCRIBED.items() for method in methods)

    assert described == sorted((path, method) for path, method, _ in served())


def test_what_is_open_to_strangers_is_described_as_such() -> None:
    told = {(path, method): DESCRIBED[path][method].get("security") for path, method, _ in served()}

    no_login = ([], [{}, {"bearer": []}], [{"partner": []}])
    open_ = {key for key, security in told.items() if security in no_login}
    assert open_ == {(path, method) for path, method, route in served() if isinstance(route, Open)}


def test_no_two_pages_have_the_same_title() -> None:
    titles = [route.title for route in application.ROUTES if isinstance(route, Page) and route.title]

    assert len(titles) == len(set(titles))
