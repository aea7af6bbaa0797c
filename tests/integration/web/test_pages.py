"""What the pages show of a chain that has worked for a day."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import time_machine

from connector.domain.incidents import Incident, Trouble
from connector.store import incidents
from connector.web.application import ROUTES
from connector.web.routing import Page
from tests.integration.cli.town import PERSONAL
from tests.integration.earning.chain import COLLECTOR, MEMBER, NOW
from tests.integration.web.hotel import SHORT, Hotel, hall, tell
from tests.integration.web.site import Site, submit

PAGES = [
    route.path
    for route in ROUTES
    if isinstance(route, Page) and "GET" in (route.methods or ()) and "{" not in route.path
]
TITLED = [route for route in ROUTES if isinstance(route, Page) and route.title]
SECRETS = (*PERSONAL, SHORT, "Bea")


def told(answer: httpx.Response) -> str:
    """Return the words of a page, without its marks."""
    assert answer.status_code == 200, answer.text
    plain = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", plain)))


async def find(browser: httpx.AsyncClient, word: str) -> httpx.Response:
    """Look for a word as a person does."""
    return await submit(browser, "/stays", {"word": word})


async def message_of(lobby: Site, number: str) -> str:
    """Return the path of the page of a stay's message."""
    shown = (await (await lobby.logged_in("anna")).get(f"/stays/{number}")).text
    return re.search(r'href="(/messages/[^"]+)"', shown)[1]  # type: ignore[index]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_shown_and_tells_nothing_personal(lobby: Site, path: str) -> None:
    answer = await (await lobby.logged_in("admin")).get(path)

    assert answer.status_code == 200
    assert [each for each in SECRETS if each in answer.text] == []


async def test_the_navigation_leads_to_what_a_person_may_see(lobby: Site) -> None:
    for name, count in (("anna", len(TITLED) - 2), ("otto", len(TITLED))):
        browser = await lobby.logged_in(name)
        paths = re.findall(r'<li><a href="([^"]+)"', (await browser.get("/")).text)
        assert len(paths) == count
        assert {(await browser.get(path)).status_code for path in paths} == {200}


async def test_pages_have_no_script_or_style_of_their_own(lobby: Site) -> None:
    browser = await lobby.logged_in("admin")
    for path in (*PAGES, "/stays/r1", await message_of(lobby, "r1"), "/members/A-1", "/suspense/1"):
        shown = (await browser.get(path)).text
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", shown) == [], path
        assert len(re.findall(r"<script", shown)) == 1, path


class TestOverview:
    async def test_it_tells_how_everything_stands(self, lobby: Site) -> None:
        shown = told(await (await lobby.logged_in("anna")).get("/"))
        for part in (
            "2 cases wait for a person",
            "0 messages to be sent",
            "Mews wien property works",
            "Scheme ALPEN csv works",
            "miles_and_more uplyft, live works",
            "air_miles airmiles, live works",
            "Nothing waits: every message is at its end.",
            "Wien wien",
            "miles_and_more: 220",
            "air_miles: 10",
        ):
            assert part in shown, part
        for job in ("align", "stays", "deliver", "reconcile"):
            assert re.search(rf"{job} \d\d:\d\d ok", shown), job

    async def test_an_open_circuit_and_a_queue_are_seen(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path)
        tell(office, "UPDATE message SET state = 'in_doubt' WHERE partner = 'air_miles'")
        tell(
            office,
            "INSERT INTO circuit (key, failures, opened_at) VALUES ('partner air_miles', 5, '2026-01-01 00:00:00')"
            " ON CONFLICT (key) DO UPDATE SET opened_at = excluded.opened_at",
        )
        async with hall(office) as lobby:
            shown = told(await (await lobby.logged_in("anna")).get("/"))
        assert "circuit open" in shown
        assert re.search(r"air_miles in doubt 1 10", shown)
        assert "1 message to be sent" in shown

    async def test_a_screen_that_renews_itself_keeps_no_login_alive(self, desk: Site) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            anna = await desk.logged_in("anna")
            for _ in range(2):
                clock.shift(timedelta(hours=5))
                assert (await anna.get("/", headers={"HX-Request": "true"})).status_code == 200
            clock.shift(timedelta(hours=3))
            assert (await anna.get("/")).headers["location"].startswith("/login")

    async def test_before_the_first_pass_nothing_is_claimed(self, desk: Site) -> None:
        shown = told(await (await desk.logged_in("anna")).get("/"))
        assert "Mews wien property not read yet" in shown
        assert "never ran" in shown

    async def test_the_latest_runs_are_told_of_all_jobs_or_one(self, lobby: Site) -> None:
        anna = await lobby.logged_in("anna")
        shown = told(await anna.get("/runs?job=align"))
        assert re.search(r"align [a-z]+ \d\d:\d\d ok", shown)
        assert not re.search(r"stays [a-z]+ \d\d:\d\d ok", shown)
        assert re.search(r"stays [a-z]+ \d\d:\d\d ok", told(await anna.get("/runs")))
        assert "No such job ran yet." in told(await anna.get("/runs?job=x"))


class TestStays:
    @pytest.mark.parametrize("word", ["n-r1", "r1", "channel-1", "9920 0366 9288 601"])
    async def test_a_stay_is_found_by_its_numbers(self, lobby: Site, word: str) -> None:
        answer = await find(await lobby.logged_in("anna"), word)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stays/r1")

    @pytest.mark.parametrize("word", ["g1", MEMBER, "A-1"])
    async def test_a_person_is_found_with_the_stays(self, lobby: Site, word: str) -> None:
        shown = (await find(await lobby.logged_in("anna"), word)).text
        assert 'href="/stays/r1"' in shown
        assert "miles_and_more: awarded" in shown

    async def test_what_nobody_knows_is_said_so(self, lobby: Site) -> None:
        assert "Nothing is known by this word" in told(await find(await lobby.logged_in("anna"), "4111111111111111"))

    async def test_it_tells_the_decision_how_it_came_about_and_what_was_sent(self, lobby: Site) -> None:
        shown = told(await (await lobby.logged_in("anna")).get("/stays/r1"))
        for part in (
            "Stay n-r1",
            "miles_and_more awarded",
            "credited to ***********8601",
            "rule one mile per euro: EUR 220.00 ÷ 1.00 = 220",
            "counts",
            "credit 1 220 credited",
            "ready in flight",
        ):
            assert part in shown, part
        assert [each for each in SECRETS if each in shown] == []

    async def test_a_message_is_shown_with_the_award(self, lobby: Site) -> None:
        shown = told(await (await lobby.logged_in("anna")).get(await message_of(lobby, "r2")))
        assert "Credit 1 for n-r2" in shown
        assert "What you can do" not in shown
        assert COLLECTOR not in shown

    @pytest.mark.parametrize(
        "path", ["/stays/x", "/awards/x", "/messages/x", "/members/x", "/suspense/9", "/suspense/x"]
    )
    async def test_what_is_not_there_is_not_found(self, lobby: Site, path: str) -> None:
        assert (await (await lobby.logged_in("anna")).get(path)).status_code == 404


async def test_the_overview_tells_what_is_wrong_and_what_to_do(lobby: Site) -> None:
    incident = Incident(Trouble.CIRCUIT, "air_miles", "no request went through since 10:00Z")
    now = datetime.now(UTC)
    async with lobby.console.app.database.write() as connection:
        await incidents.settle(connection, [incident], now, timedelta(0))
    shown = told(await (await lobby.logged_in("anna")).get("/"))
    async with lobby.console.app.database.write() as connection:
        await incidents.settle(connection, [], now, timedelta(0))
    assert "A partner cannot be reached (air_miles): no request went through since 10:00Z" in shown
    assert "Usually nothing; if it lasts, ask the partner." in shown
    assert "cannot be reached" not in told(await (await lobby.logged_in("anna")).get("/"))


class TestSuspense:
    async def test_cases_are_listed_with_what_to_do(self, lobby: Site) -> None:
        shown = told(await (await lobby.logged_in("anna")).get("/suspense"))
        assert "A payment card instead of a member number" in shown
        assert "Remove it from the guest profile in Mews at once" in shown
        assert "Several members fit one guest" in shown

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("kind=reservation", 1),
            ("reason=payment_card", 1),
            ("partner=air_miles", 0),
            ("property=e-wien", 1),
            ("after=1", 1),
        ],
    )
    async def test_cases_are_filtered(self, lobby: Site, query: str, count: int) -> None:
        shown = (await (await lobby.logged_in("anna")).get(f"/suspense?{query}")).text
        assert len(re.findall(r'href="/suspense/\d+"', shown)) == count

    async def test_who_only_reads_is_shown_no_action(self, lobby: Site) -> None:
        anna, otto = await lobby.logged_in("anna"), await lobby.logged_in("otto")
        assert "What you can do" not in told(await anna.get("/suspense/1"))
        assert "What you can do" in told(await otto.get("/suspense/1"))


async def test_arrivals_tell_what_is_to_be_cleared_up(lobby: Site) -> None:
    shown = told(await (await lobby.logged_in("anna")).get("/arrivals"))
    assert "n-r5 g5 miles_and_more : member number in MM: a Miles & More number has 15 digits, this one 8" in shown


async def test_the_configuration_is_shown_without_a_secret(lobby: Site, grand: Hotel) -> None:
    answer = await (await lobby.logged_in("anna")).get("/configuration")
    shown = told(answer)
    assert 'partners.miles_and_more.app_secret "set"' in shown
    assert "schedule.align" in shown
    secrets = [value for name, value in grand.office.environment.items() if "SECRET" in name or "TOKEN" in name]
    assert [each for each in secrets if each in answer.text] == []


async def test_cursors_tell_how_far_each_stream_was_read(lobby: Site) -> None:
    shown = told(await (await lobby.logged_in("anna")).get("/cursors"))
    assert re.search(r"order items wien \d\d:\d\d", shown)


@pytest.mark.parametrize("word", ["%00", "%00x"])
async def test_a_nul_character_is_refused(lobby: Site, word: str) -> None:
    browser = await lobby.logged_in("anna")
    assert (await browser.get(f"/stays/{word}")).status_code == 400
    assert (await browser.get(f"/suspense?kind={word}")).status_code == 400
    assert (await find(browser, "a\0b")).status_code == 400
