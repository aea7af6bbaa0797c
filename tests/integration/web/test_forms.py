"""Forms: taken from our own pages only, and never too long."""

from __future__ import annotations

import pytest

from connector.web.headers import LONGEST
from tests.integration.web.site import HERE, TOKENS, Site, form_token


@pytest.mark.parametrize("data", [{}, {"form_token": ""}, {"form_token": "f" * 64}, {"form_token": "ü"}])
async def test_a_form_without_its_token_changes_nothing(desk: Site, data: dict[str, str]) -> None:
    browser = await desk.logged_in("anna")

    answer = await browser.post("/logout", data=data)

    assert answer.status_code == 403
    assert "open the page again" in answer.text
    assert (await browser.get("/")).status_code == 200


async def test_scripts_carry_the_token_in_a_header(desk: Site) -> None:
    browser = await desk.logged_in("anna")
    token = await form_token(browser, "/")
    assert f"""hx-headers='{{"X-Form-Token": "{token}"}}'""" in (await browser.get("/")).text

    assert (await browser.post("/logout", headers={"X-Form-Token": token})).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_that_another_site_sends_is_not_taken(desk: Site, headers: dict[str, str]) -> None:
    browser = await desk.logged_in("anna")
    data = {"form_token": await form_token(browser, "/")}

    assert (await browser.post("/logout", data=data, headers=headers)).status_code == 403
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": HERE}, {"Origin": "https://seen-through-a-proxy.example", "Sec-Fetch-Site": "same-origin"}]
)
async def test_browsers_tell_that_the_form_is_ours(desk: Site, headers: dict[str, str]) -> None:
    browser = await desk.logged_in("anna")
    data = {"form_token": await form_token(browser, "/")}

    answer = await browser.post("/logout", data=data, headers=headers)

    assert answer.status_code == 303


async def test_a_program_with_a_token_needs_no_form(desk: Site) -> None:
    async with desk.browser(Authorization=f"Bearer {TOKENS['petra']}") as program:
        assert (await program.post("/proposals/7/decline")).status_code == 404


async def test_who_only_reads_can_do_nothing(desk: Site) -> None:
    async with desk.browser(Authorization=f"Bearer {TOKENS['anna']}", Accept="application/json") as program:
        answer = await program.post("/proposals/7/decline")

    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "This needs the role operate; anna has the role read."},
    )


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
async def test_a_long_form_is_refused(desk: Site, announced: bool) -> None:
    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(LONGEST // 1024 + 1):
            yield b"x" * 1024

    content = b"x" * (LONGEST + 1) if announced else pieces()
    async with desk.browser(Content_Type="application/x-www-form-urlencoded") as browser:
        answer = await browser.post("/login", content=content)

    assert answer.status_code == 413
    assert "This is too long." in answer.text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(201))),
        ("application/x-www-form-urlencoded", b"token=%ff%fe&next=%00"),
        ("application/json", b"{}"),
        ("text/plain; charset=nonsense", b"\xff"),
    ],
)
async def test_a_broken_form_is_no_defect(desk: Site, kind: str, content: bytes) -> None:
    async with desk.browser(Content_Type=kind) as browser:
        await browser.get("/login")
        answer = await browser.post("/login", content=content)

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("path", ["/?number=a%00b", "/proposals/1%00/accept"])
async def test_a_character_that_a_database_cannot_look_for_is_refused(desk: Site, path: str) -> None:
    browser = await desk.logged_in("admin")

    assert (await browser.get(path)).status_code in (400, 404)


async def test_a_number_that_no_database_has_is_not_found(desk: Site) -> None:
    async with desk.browser(Authorization=f"Bearer {TOKENS['admin']}") as program:
        assert (await program.post(f"/proposals/{10**40}/accept")).status_code == 404
