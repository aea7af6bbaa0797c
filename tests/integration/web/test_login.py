"""Who gets in, and for how long."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import time_machine

from connector.settings import load
from connector.web.roster import Roster
from connector.web.routing import CLOSED
from tests.integration.web.site import LOGINS, OPERATORS, TOKENS, Site, form_token, site, submit
from tests.unit.settings.settings_files import SECRETS, SMALL

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def cookies(answer: httpx.Response) -> list[str]:
    """Return the cookies that an answer sets."""
    return answer.headers.get_list("set-cookie")


async def test_a_stranger_is_sent_to_the_login_and_back(desk: Site) -> None:
    async with desk.browser() as browser:
        sent = await browser.get("/?from=mail")
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/%3Ffrom%3Dmail")

        entered = await submit(
            browser, "/login", {"token": TOKENS["anna"], "next": "/?from=mail"}, page=sent.headers["location"]
        )

        assert (entered.status_code, entered.headers["location"]) == (303, "/?from=mail")
        assert "anna" in (await browser.get("/")).text


async def test_a_program_without_a_token_is_told_so(desk: Site) -> None:
    async with desk.browser(Accept="application/json") as program:
        answer = await program.get("/")

    assert (answer.status_code, answer.json()) == (401, {"error": "This needs a login."})
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_part_of_a_page_takes_the_whole_page_to_the_login(desk: Site) -> None:
    async with desk.browser(HX_Request="true") as browser:
        answer = await browser.get("/")

    assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (401, "/login", "")


async def test_a_wrong_token_opens_nothing(desk: Site) -> None:
    async with desk.browser() as browser:
        answer = await submit(browser, "/login", {"token": "wrong"})

        assert answer.status_code == 403
        assert "This token is nobody&#39;s." in answer.text
        assert "wrong" not in answer.text
        assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x", "http://["]
)
async def test_a_login_leads_nowhere_else(desk: Site, target: str) -> None:
    async with desk.browser() as browser:
        answer = await submit(browser, "/login", {"token": TOKENS["anna"], "next": target})

    assert answer.headers["location"] == "/"


async def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(desk: Site) -> None:
    async with desk.browser("https://console.example") as browser:
        answer = await submit(browser, "/login", {"token": TOKENS["anna"]})

    (login,) = [each for each in cookies(answer) if each.startswith("__Host-loyalty_login=")]
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(login.split("; "))
    assert "domain" not in login.lower()
    assert "expires" not in login.lower()


async def test_only_on_this_machine_the_cookie_travels_without_tls(desk: Site) -> None:
    async with desk.browser("http://localhost:8080") as here, desk.browser("http://10.0.0.5:8080") as elsewhere:
        assert not any("Secure" in each for each in cookies(await here.get("/login")))
        assert all("Secure" in each for each in cookies(await elsewhere.get("/login")))


async def test_a_browser_that_keeps_no_cookie_is_told_why_it_cannot_log_in(desk: Site) -> None:
    async with desk.browser("http://10.0.0.5:8080") as browser:
        answer = await submit(browser, "/login", {"token": TOKENS["anna"]})

    assert answer.status_code == 403
    assert "only over https://" in answer.text


async def test_a_login_has_a_new_cookie_each_time(desk: Site) -> None:
    first, second = await desk.logged_in("anna"), await desk.logged_in("anna")

    assert first.cookies["loyalty_login"] != second.cookies["loyalty_login"]


async def test_the_database_holds_neither_cookie_nor_token(desk: Site, tmp_path: Path) -> None:
    browser = await desk.logged_in("anna")

    stored = b"".join(each.read_bytes() for each in tmp_path.glob("connector.db*"))  # noqa: ASYNC240
    assert browser.cookies["loyalty_login"].encode() not in stored
    assert TOKENS["anna"].encode() not in stored


async def test_logging_out_ends_the_login_everywhere(desk: Site) -> None:
    browser = await desk.logged_in("anna")
    cookie = browser.cookies["loyalty_login"]
    answer = await submit(browser, "/logout", page="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")

    browser.cookies.set("loyalty_login", cookie)
    assert (await browser.get("/")).status_code == 303


async def test_a_restart_keeps_logins(file_url: str, tmp_path: Path) -> None:
    async with site(tmp_path, file_url) as before:
        cookie = (await before.logged_in("anna")).cookies["loyalty_login"]
    async with site(tmp_path, file_url) as after, after.browser() as browser:
        browser.cookies.set("loyalty_login", cookie)
        assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (OPERATORS, LOGINS | {"LOYALTY_WEB__OPERATORS__ANNA__TOKEN": "another-token-of-a-test-01234"}),
        (OPERATORS.replace("anna", "berta"), {"LOYALTY_WEB__ADMIN_TOKEN": TOKENS["admin"]}),
    ],
    ids=["the token was changed", "the person is gone"],
)
async def test_a_login_ends_with_its_token(file_url: str, tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    async with site(tmp_path, file_url) as before:
        cookie = (await before.logged_in("anna")).cookies["loyalty_login"]
    async with site(tmp_path, file_url, text, environ) as after, after.browser() as browser:
        browser.cookies.set("loyalty_login", cookie)
        assert (await browser.get("/")).status_code == 303


async def test_a_login_ends_when_it_is_not_used(desk: Site) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = await desk.logged_in("anna")
        for _ in range(3):
            clock.shift(timedelta(hours=11))
            assert (await browser.get("/")).status_code == 200
        clock.shift(timedelta(hours=12, seconds=1))
        assert (await browser.get("/")).status_code == 303


async def test_a_login_ends_after_a_week_of_use(desk: Site) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = await desk.logged_in("anna")
        for _ in range(15):
            clock.shift(timedelta(hours=11))
            assert (await browser.get("/")).status_code == 200
        clock.shift(timedelta(hours=11))
        assert (await browser.get("/")).status_code == 303


async def test_logins_that_ended_are_forgotten(desk: Site, tmp_path: Path) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        await desk.logged_in("anna")
        clock.shift(timedelta(days=8))
        await desk.logged_in("otto")

    connection = sqlite3.connect(tmp_path / "connector.db")
    assert connection.execute("SELECT operator FROM login").fetchall() == [("otto",)]
    connection.close()


async def test_a_bearer_token_needs_no_login(desk: Site) -> None:
    async with desk.browser(Authorization=f"Bearer {TOKENS['anna']}") as program:
        assert (await program.get("/")).status_code == 200
    async with desk.browser(Authorization="Bearer wrong") as program:
        assert (await program.get("/")).status_code == 401


async def test_without_anybody_who_could_log_in_the_console_is_closed(file_url: str, tmp_path: Path) -> None:
    async with site(tmp_path, file_url, "", {}) as closed, closed.browser() as browser:
        for page in ("/", "/login"):
            answer = await browser.get(page)
            assert answer.status_code == 403
            assert CLOSED in answer.text
        assert (await browser.post("/login", data={"token": ""})).status_code == 403
        assert (await browser.get("/livez")).status_code == 200


async def test_an_empty_token_is_nobodys(desk: Site) -> None:
    async with desk.browser() as browser:
        assert (await submit(browser, "/login", {"token": ""})).status_code == 403


def test_every_role_includes_those_below(tmp_path: Path) -> None:
    file = tmp_path / "connector.toml"
    file.write_text(SMALL + OPERATORS, encoding="utf-8")
    roster = Roster(load(file, {**SECRETS, **LOGINS}).web)
    people = {name: roster.by_token(token) for name, token in TOKENS.items()}

    rights = {
        name: [str(role) for role in type(each.role) if each.role.includes(role)]
        for name, each in people.items()
        if each
    }

    assert rights == {
        "admin": ["read", "operate", "approve"],
        "anna": ["read"],
        "otto": ["read", "operate"],
        "petra": ["read", "operate", "approve"],
    }


async def test_a_form_of_another_browser_is_not_taken(desk: Site) -> None:
    stranger = desk.browser()
    token = await form_token(stranger, "/login")
    async with desk.browser() as browser:
        await browser.get("/login")
        answer = await browser.post("/login", data={"token": TOKENS["anna"], "form_token": token})

    assert answer.status_code == 403
    assert "This form does not come from this console" in answer.text
