"""The console in a real browser, served by a real daemon over servers that have worked for a day."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from connector.sandbox.mews.state import State
from tests.acceptance.browser import Keyboard, chromium
from tests.acceptance.road import ROOT, rows
from tests.integration.cli.town import MEMBERS, Office
from tests.integration.earning.chain import MEMBER
from tests.integration.web.hotel import Hotel, hotel, tell
from tests.integration.web.site import LOGINS, OPERATORS, TOKENS
from tests.integration.web.test_pages import PAGES

#: A folder into which a picture of every page goes, light and dark, for the README say.
PICTURES = os.environ.get("PICTURES", "")
ACTING = 'schedule = { align = "5s", stays = "1h", deliver = "1h", reconcile = "03:00" }\n'
WEB = '[web]\nlisten = "127.0.0.1:{}"\n'
LOST = "UPDATE message SET state = 'suspended' WHERE partner = 'air_miles'"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def grand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    with hotel(tmp_path_factory.mktemp("grand")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(grand: Hotel) -> Iterator[Browser]:
    """The browser, started after the servers: its driver keeps an event loop running in this thread."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def console(grand: Hotel, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a daemon's console. The scheme has lost three of its members, which is far above the limits."""
    home = tmp_path_factory.mktemp("console")
    office = grand.copy(home)
    tell(office, LOST)
    (home / "members.csv").write_text(MEMBERS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = office.config.read_text()
    office.config.write_text(f"{ACTING}{text}".replace(OPERATORS, f"{WEB.format(port)}{OPERATORS}"))
    command = [sys.executable, "-m", "connector", "--config", str(office.config), "run"]
    environment = office.environment | LOGINS
    before = _passes(office)
    with subprocess.Popen(command, env=environment, cwd=ROOT) as daemon:
        try:
            url = f"http://127.0.0.1:{port}"
            _until(lambda: daemon.poll() is not None or _answers(f"{url}/readyz"))
            assert daemon.poll() is None
            _until(lambda: _passes(office) > before)  # it closes cases, whose pages are gone then
            yield url
        finally:
            daemon.terminate()
            daemon.wait(20)


def _passes(office: Office) -> int:
    """Return how many passes of alignment have ended."""
    ended = "SELECT count(*) FROM job_run WHERE job = 'align' AND ended_at IS NOT NULL"
    return int(rows(office.database, ended)[0][0])


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def _until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def visit(browser: Browser, console: str, name: str = "petra", **how: Any) -> Iterator[Page]:
    """Open the console as somebody who is logged in; nothing may go wrong in the browser meanwhile."""
    with opened(browser, console, **how) as context:
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto("/login")
        page.get_by_label("Token").fill(TOKENS[name])
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{console}/")
        yield page
        assert wrong == []


@contextmanager
def opened(browser: Browser, console: str, **how: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=console, **how)
    context.set_default_timeout(20_000)
    try:
        yield context
    finally:
        context.close()


def every_page(page: Page) -> list[str]:
    """Return an address of each kind of page, as links lead there."""
    page.goto("/stays/r1")
    message = page.get_by_role("link", name="credit 1").first.get_attribute("href")
    award = page.locator('a[href^="/awards/"]').first.get_attribute("href")
    page.goto("/suspense")
    cases = [each.get_attribute("href") for each in page.locator('a[href^="/suspense/"]').all()]
    found = [message, award, *cases[:2], "/stays/r1", "/stays/r3", "/members/A-1", "/guests/g4"]
    return [*PAGES, *(each for each in found if each)]


def test_by_keyboard_alone_a_stay_is_found_a_case_resolved_and_a_plan_confirmed(
    browser: Browser, console: str, grand: Hotel
) -> None:
    with opened(browser, console) as context:
        page = context.new_page()
        person = Keyboard(page)
        page.goto("/")
        assert person.focused() == "Token", "the login begins where one types"
        page.keyboard.type(TOKENS["petra"])
        person.submit()

        person.to("Skip to the content")
        person.follow("Stays")
        person.type("Confirmation number", "n-r1")
        person.submit()
        assert page.get_by_role("heading", level=1).inner_text() == "Stay n-r1"
        reckoning = page.get_by_role("main").inner_text()
        assert "EUR 220.00 ÷ 1.00 = 220" in reckoning
        assert "credited to ***********8601" in reckoning
        assert MEMBER not in page.content()

        person.follow("Suspense")
        case = page.get_by_role("rowheader").first.inner_text().split()[0].rstrip(":")
        person.follow(case)
        person.open("Resolve it as seen")
        person.type("Reason", "asked the guest")
        assert f"Case {case} is resolved by petra" in person.send()
        assert page.url == f"{console}/suspense/{case}"

        person.follow("Plan")
        person.follow("Compute it now")
        page.get_by_text("computed", exact=False).first.wait_for()
        assert "3 memberships to cancel" in page.get_by_role("main").inner_text()
        person.follow("Confirm plan")
        assert "is confirmed by petra" in page.get_by_role("status").inner_text()
    _until(lambda: _cancelled(grand.town.desk.state) == 3)


def _cancelled(mews: State) -> int:
    return sum(each.body["State"] == "Canceled" for each in mews.walk("LoyaltyMemberships"))


def test_without_javascript_everything_can_be_done(browser: Browser, console: str) -> None:
    with visit(browser, console, "otto", java_script_enabled=False) as page:
        page.goto("/stays")
        page.get_by_label("Confirmation number").fill("n-r2")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name="credit 1").first.click()
        page.get_by_text("It was credited…").click()
        form = page.locator('form[action$="/credited"]')
        form.get_by_label("Reason").fill("their mail of today")
        form.get_by_label("I asked the partner").check()
        form.get_by_role("button").click()
        assert "is credited now" in page.get_by_role("status").inner_text()
        page.goto("/plan")
        page.get_by_role("button", name="Compute it now").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Plan"


def test_no_page_has_a_serious_fault_of_accessibility_be_it_light_or_dark(browser: Browser, console: str) -> None:
    with opened(browser, console) as stranger:
        page = stranger.new_page()
        page.goto("/login")
        assert _faults(page) == []
    with visit(browser, console) as page:
        for number, path in enumerate(every_page(page)):
            page.goto(path)
            _unfold(page, "true")
            assert (path, _faults(page)) == (path, [])
            if PICTURES:
                _picture(page, f"{number:02}-{path.strip('/').partition('/')[0] or 'overview'}")


def _faults(page: Page) -> list[str]:
    """Return what is serious about a page; in the dark only its colours are others."""
    page.emulate_media(color_scheme="light")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    page.emulate_media(color_scheme="dark")
    only = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
    found += page.evaluate("options => axe.run(document, options)", only)["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def _unfold(page: Page, is_open: str) -> None:
    page.evaluate(f"for (const each of document.querySelectorAll('details:not(.defaults)')) each.open = {is_open}")


def _picture(page: Page, name: str) -> None:
    _unfold(page, "false")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)


def test_on_a_phone_no_page_is_wider_than_the_screen_and_all_of_it_is_reached(browser: Browser, console: str) -> None:
    with visit(browser, console, viewport=PHONE) as page:
        wide = {}
        for path in every_page(page):
            page.goto(path)
            page.evaluate(Axe().axe_script)
            found = page.evaluate("axe.run(document, { runOnly: ['scrollable-region-focusable'] })")
            assert (path, found["violations"]) == (path, [])
            if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
                wide[path] = width
        assert wide == {}


def test_what_is_refused_is_told_in_the_place_of_the_form(browser: Browser, console: str) -> None:
    with opened(browser, console) as context:
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("Token").fill(TOKENS["otto"])
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.goto("/members/A-1")
        page.get_by_text("Link this member to a guest…").click()
        page.get_by_label("Guest id in Mews").fill("nobody")
        page.get_by_role("button", name="Link").click()
        assert "Mews has shown no guest with this id" in page.get_by_role("alert").inner_text()
        assert page.get_by_role("heading", level=1).first.inner_text() == "Member and guest"


def test_the_overview_keeps_itself_fresh_and_leaves_the_focus_where_it_is(browser: Browser, console: str) -> None:
    with visit(browser, console) as page:
        page.clock.install()
        page.goto("/")
        page.locator("#to-suspense").focus()
        with page.expect_response(
            lambda answer: answer.url == f"{console}/" and answer.request.is_navigation_request() is False
        ):
            page.clock.fast_forward("00:16")
        page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")
        assert page.evaluate("document.activeElement.id") == "to-suspense"
        assert re.match(r"\d", page.locator(".figure").first.inner_text())
