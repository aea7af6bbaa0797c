"""Login by a reverse proxy: believed from its address, for people whom the settings know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.web.throttle import FREE
from tests.integration.web.site import TOKENS, Site, form_token, site, submit

PROXY = "10.0.0.7"
TEXT = f"""
[web]
base_url = "https://loyalty.example"
proxy_header = "X-Forwarded-User"
proxy_addresses = ["{PROXY}"]
[web.operators.anna]
role = "operate"
login = "anna@hotel.example"
"""


@pytest.fixture
async def behind(file_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A console behind a reverse proxy, at which anna has no token."""
    async with site(tmp_path, file_url, TEXT, {"LOYALTY_WEB__ADMIN_TOKEN": TOKENS["admin"]}) as opened:
        yield opened


async def test_whom_the_proxy_names_is_in(behind: Site) -> None:
    async with behind.browser(peer=PROXY, X_Forwarded_User="anna@hotel.example") as browser:
        answer = await browser.get("/")

    assert answer.status_code == 200
    assert "anna <small>operate</small>" in answer.text
    assert "Log out" not in answer.text


async def test_who_is_not_the_proxy_names_nobody(behind: Site) -> None:
    async with behind.browser(peer="10.0.0.8", X_Forwarded_User="anna@hotel.example") as browser:
        assert (await browser.get("/")).status_code == 303


async def test_whom_no_table_knows_is_told_so_and_may_have_a_token(behind: Site) -> None:
    async with behind.browser("https://loyalty.example", PROXY, X_Forwarded_User="<b>otto") as browser:
        sent = await browser.get("/")
        shown = await browser.get(sent.headers["location"])
        assert "The reverse proxy calls you &lt;b&gt;otto, and no operator here has this login." in shown.text

        assert (await submit(browser, "/login", {"token": TOKENS["admin"]})).status_code == 303
        assert "admin <small>approve</small>" in (await browser.get("/")).text


async def test_forms_of_another_site_are_not_taken_although_the_proxy_lets_them_through(behind: Site) -> None:
    async with behind.browser("https://loyalty.example", PROXY, X_Forwarded_User="anna@hotel.example") as browser:
        assert (await browser.post("/proposals/7/decline")).status_code == 403
        data = {"form_token": await form_token(browser, "/")}
        assert (await browser.post("/proposals/7/decline", data=data)).status_code == 404


async def test_a_proxy_may_call_us_by_another_name(behind: Site) -> None:
    async with behind.browser("http://localhost:8080", PROXY, X_Forwarded_User="anna@hotel.example") as browser:
        data, origin = {"form_token": await form_token(browser, "/")}, {"Origin": "https://loyalty.example"}
        assert (await browser.post("/proposals/7/decline", data=data, headers=origin)).status_code == 404


async def test_one_who_guesses_holds_back_nobody_else_behind_the_proxy(behind: Site) -> None:
    async with behind.browser("http://localhost", PROXY, X_Forwarded_For="203.0.113.9") as guessing:
        for _ in range(FREE):
            await submit(guessing, "/login", {"token": "guess"})
        answer = await submit(guessing, "/login", {"token": TOKENS["admin"]})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert "try again in 1 s" in answer.text
    async with behind.browser("http://localhost", PROXY, X_Forwarded_For="203.0.113.10") as other:
        assert (await submit(other, "/login", {"token": TOKENS["admin"]})).status_code == 303


async def test_guesses_by_bearer_count_as_well(behind: Site) -> None:
    async with behind.browser(Authorization="Bearer guess", Accept="application/json") as program:
        codes = [(await program.get("/")).status_code for _ in range(FREE + 1)]

    assert codes == [401] * FREE + [429]


async def test_behind_tls_the_cookie_is_for_tls_although_the_proxy_calls_us_local(behind: Site) -> None:
    async with behind.browser("http://127.0.0.1:8080", PROXY, X_Forwarded_Proto="https") as browser:
        cookie = (await browser.get("/login")).headers["set-cookie"]

    assert cookie.startswith("__Host-loyalty_visit=")
    assert "Secure" in cookie
