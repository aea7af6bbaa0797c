"""What every answer carries, whatever it answers."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.errors import Conflict, Misconfigured, Permanent, Refused, Retryable, Unfinished
from connector.web import assets
from connector.web.application import ROUTES
from connector.web.routing import Open, Page
from tests.integration.web.site import LOGINS, OPERATORS, Site, site

PAGES = [(method, route.path) for route in ROUTES if isinstance(route, Route) for method in sorted(route.methods or ())]
STYLE = assets.address("console.css")


def address(path: str) -> str:
    """Return an address of a route."""
    return re.sub(r"\{\w+(:\w+)?\}", "7", path)


def assert_secure(answer: httpx.Response) -> None:
    """Look at the headers that each answer has."""
    policy = dict(each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in answer.headers


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_every_route_for_strangers_and_for_operators(desk: Site, method: str, path: str) -> None:
    for browser in (desk.browser(), await desk.logged_in("admin")):
        answer = await browser.request(method, address(path))
        assert_secure(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.status_code < 500


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("PUT", "/"), ("BREW", "/login")])
async def test_what_does_not_exist(desk: Site, method: str, path: str) -> None:
    async with desk.browser() as browser:
        answer = await browser.request(method, path)

    assert answer.status_code in (404, 405)
    assert_secure(answer)
    assert "There is no such page." in answer.text or "This page does not do that." in answer.text


async def test_a_path_with_a_slash_at_its_end_leads_nowhere_else(desk: Site) -> None:
    async with desk.browser(Host="evil.example") as browser:
        assert (await browser.get("/login/")).status_code == 404


async def test_files_are_kept_for_ever_and_by_their_content_alone(desk: Site) -> None:
    async with desk.browser() as browser:
        found = await browser.get(STYLE)
        assert_secure(found)
        assert (found.status_code, found.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await browser.get(re.sub(r"[0-9a-f]{16}", "0" * 16, STYLE))).status_code == 404
        assert (await browser.get("/static/x/..%2Fopenapi.json")).status_code == 404


async def test_pages_need_nothing_inline(desk: Site) -> None:
    browser = await desk.logged_in("admin")
    for path in ("/", "/login", "/proposals", "/nothing"):
        text = (await browser.get(path)).text
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=|javascript:", text), path
        assert all(
            src.startswith("/static/") for src in re.findall(r'(?:src|href)="([^"/]*//[^"]*|/static[^"]*)"', text)
        )


async def test_tls_is_asked_for_where_browsers_come_by_it(file_url: str, tmp_path: Path) -> None:
    text = f'[web]\nbase_url = "https://loyalty.example"\n{OPERATORS}'
    async with site(tmp_path, file_url, text) as secure, secure.browser("https://loyalty.example") as browser:
        assert (await browser.get("/login")).headers["strict-transport-security"] == "max-age=31536000"


async def raising(request: Request) -> Response:
    """Fail as a job, or as a defect would."""
    faults = {
        "refused": Refused("The plan is harmful."),
        "conflict": Conflict("It changed meanwhile."),
        "wrong": Misconfigured("There is no such offer."),
        "permanent": Permanent("Mews refused it."),
        "retryable": Retryable("Mews is away."),
        "unfinished": Unfinished("Not all was done for jane@example.com."),
        "defect": RuntimeError("secret-value"),
    }
    raise faults[request.path_params["kind"]]


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("refused", 409, "The plan is harmful."),
        ("conflict", 409, "It changed meanwhile."),
        ("wrong", 422, "There is no such offer."),
        ("permanent", 502, "Mews refused it."),
        ("retryable", 503, "Mews is away."),
        ("unfinished", 503, "Not all was done for [e-mail]."),
        ("defect", 500, "Something unexpected happened; the log of the connector has the details."),
    ],
)
async def test_a_failure_is_a_sentence(file_url: str, tmp_path: Path, kind: str, status: int, sentence: str) -> None:
    routes = [Open("/raising/{kind}", raising), Page("/", raising)]
    async with site(tmp_path, file_url, environ=LOGINS, routes=routes) as failing:
        for accept, shown in (("text/html", f">{sentence}<"), ("application/json", f'{{"error":"{sentence}"}}')):
            async with failing.browser(Accept=accept) as browser:
                answer = await browser.get(f"/raising/{kind}")
            assert answer.status_code == status
            assert shown in answer.text
            assert_secure(answer)
            assert "Traceback" not in answer.text
            assert "secret-value" not in answer.text
