"""Secrets, addresses, names and numbers are planted wherever the world can say something; nothing tells them again.

Looked at are the log at its finest level, the metrics, ``status``, and every text of the store that is about running.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from typer.testing import CliRunner

from connector.bootstrap import App, application
from connector.cli.app import app as root
from connector.http.answer import Answer
from connector.jobs.runner import JOBS
from connector.mews.answers import Call, refusal
from connector.settings import load
from connector.telemetry import metrics
from connector.telemetry.logging import configure
from tests.integration.delivery.checked_out import check_out
from tests.integration.earning.chain import CHAIN_ID, MEMBER, NOW, HandClock
from tests.logs import untouched_logging

MAIL, NAME, CARD = "anna.muster@guests.example", "Annabella", "4111111111111111"
TOKEN = "0123456789ABCDEF0123456789ABCDEF-0123456789ABCDEF0123456789ABCDE"
SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "client-token/planted+here",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "access token planted here",
    "LOYALTY_PARTNERS__MM__APP_ID": "application-planted",
    "LOYALTY_PARTNERS__MM__APP_SECRET": "application-secret-planted",
}
# the id of an application at Uplyft is public, its secret is not
HIDDEN = {name: value for name, value in SECRETS.items() if not name.endswith("APP_ID")}
KEYED = f'"FirstName": "{NAME}", "LastName": "{NAME}-Muster"'
SAID = (
    f"{MAIL} {MEMBER} {CARD} {TOKEN} {' '.join(HIDDEN.values())} {{{KEYED}}} https://x.test/?token={TOKEN}&m={MEMBER}"
)
PLANTED = (MAIL, "guests.example", MEMBER, MEMBER[:-4], CARD, CARD[:-4], TOKEN, NAME, *HIDDEN.values())
CONFIGURATION = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "https://api.mews-demo.com"
[mews.properties.wien]
[[programs]]
code = "MM"
name = "Miles & More"
type = "ExternalPartner"
subscription = "Free"
[scheme]
program = "MM"
path = "members.csv"
[partners.mm]
program = "MM"
channel = "uplyft"
endpoint = "https://api.uplyft.com"
mode = "live"
start = 2000-01-01
daily_ceiling = 100000
hold = "none"
[[partners.mm.earn]]
basis = "spend"
miles = 1
currency = "EUR"
"""
HEADERS = {"Request-Id": SAID[:200], "Server": MAIL, "Set-Cookie": f"session={TOKEN}"}


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(SAID)


def answering(status: int, body: object) -> Callable[[httpx.Request], httpx.Response]:
    content = body if isinstance(body, str) else json.dumps(body)
    return lambda request: httpx.Response(status, text=content, headers=HEADERS)


MOODS = {
    "refused": answering(403, {"Message": SAID, "Details": SAID}),
    "unauthorized": answering(401, {"Message": SAID}),
    "broken": answering(500, f"<html>{SAID}</html>"),
    "unreadable": answering(200, SAID),
    "strange": answering(200, {"Enterprises": [{"Id": SAID, "Customers": SAID}], "data": {SAID: SAID}, "Cursor": SAID}),
    "errors": answering(200, {"errors": [{"message": SAID, "extensions": {"code": SAID}}], "data": None}),
    "lost": lost,
}


@dataclass
class Scene:
    """An application between a Mews and a partner who say what they should not; its log."""

    app: App
    log: io.StringIO
    home: Path

    async def everything_told(self) -> str:
        """Run every job; return all that anybody could read about it."""
        for name in JOBS:
            await self.app.runner.run(name)
        page, _ = await self.app.exposition()
        words = ["--config", str(self.home / "connector.toml"), "status"]
        told = [
            (await asyncio.to_thread(CliRunner().invoke, root, [*words, *more], env=SECRETS)).output
            for more in ([], ["--json"])
        ]
        assert all("align" in each for each in told)
        return "\n".join([self.log.getvalue(), page.decode(), *told, await self._stored()])

    async def _stored(self) -> str:
        columns = {"job_run": "*", "suspense": "*", "fact": "*", "cursor": "*", "circuit": "*", "history": "detail"}
        rows = []
        async with self.app.database.read() as connection:
            for table, wanted in {**columns, "message": "reason, reference"}.items():
                rows += (await connection.execute(text(f"SELECT {wanted} FROM {table}"))).all()
        return "\n".join(map(str, rows))


@pytest.fixture
async def scene(home: Path, respx_mock: respx.MockRouter) -> AsyncIterator[Scene]:
    (home / "connector.toml").write_text(CONFIGURATION)
    (home / "members.csv").write_text(f"member_id,email,first_name,last_name\n1,{MAIL},{NAME},Muster\n2,{MAIL}\n")
    log = io.StringIO()
    metrics.forget()
    with untouched_logging():
        async with application(load(home / "connector.toml", SECRETS), works=True) as app:
            configure("json", "DEBUG", log)
            app.chain.clock, app.chain.chain_id = HandClock(), CHAIN_ID
            for token in app.chain.tokens.values():
                token._sleep = _at_once
            await check_out(app.chain, app.runner.partnerships[0], MEMBER, CARD)
            yield Scene(app, log, home)
    metrics.forget()


async def _at_once(_: float) -> None:
    """Wait for no retry."""


@pytest.mark.parametrize("mood", MOODS)
async def test_whatever_mews_and_the_partner_say_nobody_is_told(
    mood: str, scene: Scene, respx_mock: respx.MockRouter
) -> None:
    respx_mock.route(host="api.mews-demo.com").mock(side_effect=MOODS[mood])
    partner = respx_mock.route(host="api.uplyft.com").mock(side_effect=MOODS[mood])
    told = await scene.everything_told()
    assert partner.called
    assert [planted for planted in PLANTED if planted in told] == []
    assert re.search(r"loyalty_job_runs_total\{job_name=\"align\",outcome=\"(failed|partial)\"\} 1", told)


async def test_a_defect_that_holds_all_of_it_tells_its_kind_only(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, respx_mock: respx.MockRouter
) -> None:
    respx_mock.route().mock(side_effect=lost)

    async def defect(*_: object, **__: object) -> None:
        raise RuntimeError(SAID) from KeyError({"Customer": SAID, "Email": MAIL})

    monkeypatch.setattr("connector.jobs.runner.read_properties", defect)
    told = await scene.everything_told()
    assert "RuntimeError" in told
    assert [planted for planted in PLANTED if planted in told] == []


@settings(max_examples=60)
@given(
    st.sampled_from([400, 401, 403, 404, 408, 409, 429, 500]),
    st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=20),
    st.permutations([MAIL, MEMBER, CARD, TOKEN, *HIDDEN.values(), f"{{{KEYED}}}"]),
    st.sampled_from([" ", ", ", "\n", "; ", "/ "]),
)
def test_no_refusal_of_mews_repeats_what_it_was_told(status: int, noise: str, planted: list[str], gap: str) -> None:
    said = f"{noise} {gap.join(planted)} {noise}"
    answer = Answer(status, {}, json.dumps({"Message": said}).encode())
    error = refusal(answer, Call("wien", "customers/getAll"), secrets=list(HIDDEN.values()), now=NOW)
    assert error is not None
    told = f"{error} {getattr(error, 'detail', '')}"
    assert [each for each in PLANTED if each in told] == []
