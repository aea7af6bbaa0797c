"""Actions that one person may do alone, and those that take two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from connector.errors import Refused
from connector.store import deeds
from connector.store.deeds import Deed
from connector.store.proposals import Details
from connector.web.application import ROUTES
from connector.web.approvals import Action, carry_out
from connector.web.console import Console
from connector.web.forms import fields
from connector.web.roster import Role
from connector.web.routing import Page
from tests.integration.web.site import OPERATORS, Site, site, submit

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LIMITED = f"[web]\nsecond_person_above = 1000\n{OPERATORS}"


class Bank:
    """Gives miles to whoever is named, as a page would have it done."""

    def __init__(self) -> None:
        self.given: list[tuple[str, Details]] = []

    async def perform(self, _: Console, operator: str, details: Details) -> str:
        """Give, but to nobody called ``nobody``."""
        if details["to"] == "nobody":
            raise Refused("There is no such guest.")
        if details["to"] == "crash":
            raise RuntimeError("in the middle of it")
        self.given.append((operator, details))
        return f"Gave {details['miles']} miles."

    async def page(self, request: Request) -> Response:
        """Take the form."""
        form = await fields(request)
        miles = int(form["miles"])
        details = {"to": form["to"], "miles": miles}
        told = miles if "unsaid" not in form else None
        text = f"Give {miles} miles to {form['to']}"
        done = await carry_out(request, self.action, details, text=text, miles=told, subject=form["to"])
        return PlainTextResponse(f"{done.proposal}: {done.sentence}")

    @property
    def action(self) -> Action:
        """Return the action."""
        return Action("give", self.perform)


@pytest.fixture
def bank() -> Bank:
    """A bank that gave nothing yet."""
    return Bank()


@pytest.fixture
async def counter(file_url: str, tmp_path: Path, bank: Bank) -> AsyncIterator[Site]:
    """A console at which more than 1000 miles take two."""
    routes = (*ROUTES, Page("/give", bank.page, role=Role.OPERATE, methods=["POST"]))
    async with site(tmp_path, file_url, LIMITED, routes=routes, actions=[bank.action]) as opened:
        yield opened


async def give(browser: httpx.AsyncClient, miles: int, to: str = "guest-1", **more: str) -> httpx.Response:
    """Ask for miles."""
    return await submit(browser, "/give", {"miles": str(miles), "to": to, **more}, page="/proposals")


async def log(desk: Site) -> list[tuple[str, str, str]]:
    """Return who did what about which, without the logins, oldest first."""
    async with desk.console.app.database.read() as connection:
        found: list[Deed] = await deeds.recent(connection, 100)
    return [(each.operator, each.action, each.text) for each in reversed(found) if each.action != "login"]


async def test_what_one_person_may_do_is_done_at_once_and_logged(counter: Site, bank: Bank) -> None:
    otto = await counter.logged_in("otto")

    answer = await give(otto, 1000)

    assert answer.text == "None: Gave 1000 miles."
    assert bank.given == [("otto", {"to": "guest-1", "miles": 1000})]
    assert await log(counter) == [("otto", "give", "Give 1000 miles to guest-1")]


async def test_what_takes_two_is_done_when_another_person_accepts_it(counter: Site, bank: Bank) -> None:
    otto, petra = await counter.logged_in("otto"), await counter.logged_in("petra")

    assert (await give(otto, 1001)).text.startswith("1: This needs a second person")
    assert bank.given == []
    assert "Give 1001 miles to guest-1" in (await petra.get("/proposals")).text

    assert (await submit(petra, "/proposals/1/accept", page="/proposals")).status_code == 303
    assert bank.given == [("otto, accepted by petra", {"to": "guest-1", "miles": 1001})]
    assert "Gave 1001 miles." in (await otto.get("/proposals")).text
    assert await log(counter) == [
        ("otto", "propose", "Give 1001 miles to guest-1"),
        ("petra", "accept", "Give 1001 miles to guest-1"),
    ]


async def test_an_action_that_cannot_be_said_in_miles_takes_two(counter: Site, bank: Bank) -> None:
    otto = await counter.logged_in("otto")

    assert (await give(otto, 1, unsaid="yes")).text.startswith("1: This needs a second person")
    assert bank.given == []


async def test_nobody_accepts_their_own_proposal(counter: Site, bank: Bank) -> None:
    petra = await counter.logged_in("petra")
    await give(petra, 5000)

    assert "Accept" not in (await petra.get("/proposals")).text
    answer = await submit(petra, "/proposals/1/accept", page="/proposals")

    assert (answer.status_code, bank.given) == (409, [])
    assert "You proposed this yourself" in answer.text


async def test_only_who_approves_accepts(counter: Site, bank: Bank) -> None:
    otto = await counter.logged_in("otto")
    await give(await counter.logged_in("petra"), 5000)

    answer = await submit(otto, "/proposals/1/accept", page="/proposals")

    assert (answer.status_code, bank.given) == (403, [])
    assert "This needs the role approve; otto has the role operate." in answer.text


async def test_a_proposal_is_accepted_once(counter: Site, bank: Bank) -> None:
    petra, admin = await counter.logged_in("petra"), await counter.logged_in("admin")
    await give(await counter.logged_in("otto"), 5000)
    await submit(petra, "/proposals/1/accept", page="/proposals")

    answer = await submit(admin, "/proposals/1/accept", page="/proposals")

    assert (answer.status_code, len(bank.given)) == (409, 1)


async def test_a_proposal_expires(counter: Site, bank: Bank) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        await give(await counter.logged_in("otto"), 5000)
        clock.shift(timedelta(days=7))
        petra = await counter.logged_in("petra")
        assert "expired" in (await petra.get("/proposals")).text
        answer = await submit(petra, "/proposals/1/accept", page="/proposals")

    assert (answer.status_code, bank.given) == (409, [])


async def test_who_proposed_withdraws_and_who_approves_declines(counter: Site, bank: Bank) -> None:
    otto, petra = await counter.logged_in("otto"), await counter.logged_in("petra")
    for _ in range(3):
        await give(otto, 5000)

    assert (await submit(otto, "/proposals/1/decline", page="/proposals")).status_code == 303
    assert (await submit(petra, "/proposals/2/decline", page="/proposals")).status_code == 303
    await give(petra, 5000)
    assert (await submit(otto, "/proposals/4/decline", page="/proposals")).status_code == 403
    assert (await submit(petra, "/proposals/1/accept", page="/proposals")).status_code == 409
    assert bank.given == []


async def test_what_does_not_work_is_told_and_logged(counter: Site) -> None:
    otto, petra = await counter.logged_in("otto"), await counter.logged_in("petra")

    answer = await give(otto, 1, "nobody")
    assert answer.status_code == 409
    assert "There is no such guest." in answer.text

    await give(otto, 5000, "nobody")
    assert (await submit(petra, "/proposals/1/accept", page="/proposals")).status_code == 409
    shown = (await petra.get("/proposals")).text
    assert ">failed<" in shown
    assert "There is no such guest." in shown
    assert [(who, what) for who, what, _ in await log(counter)] == [
        ("otto", "give"),
        ("otto", "give failed"),
        ("otto", "propose"),
        ("petra", "accept"),
        ("petra", "give failed"),
    ]


async def test_what_was_interrupted_is_not_done_again(counter: Site) -> None:
    await give(await counter.logged_in("otto"), 5000, "crash")
    petra = await counter.logged_in("petra")

    assert (await submit(petra, "/proposals/1/accept", page="/proposals")).status_code == 500
    assert "What came of it is not known. It is not done again" in (await petra.get("/proposals")).text
    assert (await submit(petra, "/proposals/1/accept", page="/proposals")).status_code == 409


async def test_logins_are_in_the_log(counter: Site) -> None:
    await submit(await counter.logged_in("anna"), "/logout", page="/")

    async with counter.console.app.database.read() as connection:
        found = await deeds.recent(connection, 100)
    assert [(each.operator, each.action) for each in found] == [("anna", "logout"), ("anna", "login")]


async def test_the_log_keeps_no_e_mail_and_no_member_number(counter: Site) -> None:
    await give(await counter.logged_in("otto"), 1, "jane@example.com 992003669288601")

    assert await log(counter) == [("otto", "give", "Give 1 miles to [e-mail] …8601")]


async def test_a_proposal_that_does_not_exist_is_not_found(counter: Site) -> None:
    petra = await counter.logged_in("petra")

    assert (await submit(petra, "/proposals/7/accept", page="/")).status_code == 404
