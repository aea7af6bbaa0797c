"""What may call: stored before it is answered, once, and nobody without a right learns anything."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connector.domain.members import Member
from connector.jobs import hints
from connector.store import members
from connector.telemetry import metrics
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import MEMBER, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.events.listeners import hinted, wakes
from tests.integration.events.test_websocket import run
from tests.integration.web.site import Site, site
from tests.serving import serving
from tests.unit.settings.test_settings_qiibee_channel import EARN, PARTNER

TOKEN, BEFORE = "a-webhook-token-of-a-test", "the-token-before-it"
USER, PASSWORD = "qiibee", "a-password-of-a-test"
ENVIRON = {
    "LOYALTY_WEB__WEBHOOK_TOKEN": TOKEN,
    "LOYALTY_WEB__PREVIOUS_WEBHOOK_TOKEN": BEFORE,
    "LOYALTY_PARTNERS__MM__API_KEY": "geheim-9",
    "LOYALTY_PARTNERS__MM__DEPOSITS__USER": USER,
    "LOYALTY_PARTNERS__MM__DEPOSITS__PASSWORD": PASSWORD,
}
TEXT = f'{PARTNER}{EARN}[partners.mm.deposits]\npath = "deposits.csv"\n'
EXCHANGE = {
    "amount": 250,
    "auth_id": "A-1",
    "timestamp": "2026-11-28T10:30:00Z",
    "token_name": "Points",
    "token_symbol": "ALP",
    "transaction_type": "credit",
    "tx_hash": "0xabc",
}


@pytest.fixture
async def open_site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A console at which Mews and qiibee may call."""
    async with site(tmp_path, database_url, TEXT, ENVIRON) as opened:
        yield opened


@pytest.fixture
async def caller(open_site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who calls, as programs do."""
    transport = httpx.ASGITransport(open_site.asgi, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


def events(*ids: str) -> dict[str, Any]:
    """Return a call of Mews about reservations."""
    changed = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": id_}} for id_ in ids]
    return {"EnterpriseId": "e-wien", "IntegrationId": "i", "Events": changed}


async def tell(caller: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    """Call as qiibee does."""
    return await caller.post("/webhooks/qiibee/mm", json=EXCHANGE | changes, auth=(USER, PASSWORD))


class TestMews:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_is_answered_once_what_it_said_is_stored(self, caller: httpx.AsyncClient, open_site: Site) -> None:
        for _ in range(2):
            answer = await caller.post(f"/webhooks/mews/{TOKEN}", json=events("r1", "r2", "r1"))
            assert (answer.status_code, answer.content) == (202, b"")
        found = await hinted(open_site.console.app.database)
        assert found == [("reservation", "r1", "e-wien"), ("reservation", "r2", "e-wien")]

    async def test_may_call_with_the_token_before_until_it_has_the_new_one(self, caller: httpx.AsyncClient) -> None:
        assert (await caller.post(f"/webhooks/mews/{BEFORE}", json=events())).status_code == 202

    async def test_may_say_much_at_once(self, caller: httpx.AsyncClient, open_site: Site) -> None:
        answer = await caller.post(f"/webhooks/mews/{TOKEN}", json=events(*(f"r{n:036}" for n in range(1500))))
        assert answer.status_code == 202
        assert len(await hinted(open_site.console.app.database)) == 1500

    async def test_may_not_say_too_much(self, caller: httpx.AsyncClient) -> None:
        answer = await caller.post(f"/webhooks/mews/{TOKEN}", content=b"x" * (300 << 10))
        assert answer.status_code == 413

    @pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], f"{TOKEN}x", "%ff%fe", "é", " "])
    async def test_with_another_token_finds_what_a_page_that_is_not_there_is(
        self, caller: httpx.AsyncClient, open_site: Site, token: str
    ) -> None:
        answer = await caller.post(f"/webhooks/mews/{token}", json=events("r1"))
        nowhere = await caller.post("/no/such/page/at/all", json=events("r1"))
        assert (answer.status_code, answer.content) == (nowhere.status_code, nowhere.content)
        assert answer.status_code == 404
        assert await hinted(open_site.console.app.database) == []

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"Events": 3}'])
    async def test_is_told_in_a_sentence_what_is_wrong(self, caller: httpx.AsyncClient, content: str) -> None:
        with capture_logs() as logs:
            answer = await caller.post(f"/webhooks/mews/{TOKEN}", content=content)
        assert answer.status_code == 400
        assert answer.json()["error"].endswith("expected an object with Events")
        assert [each["event"] for each in logs] == ["a call of Mews's webhook cannot be read"]

    async def test_may_not_call_where_no_token_was_agreed(self, database_url: str, tmp_path: Path) -> None:
        async with site(tmp_path, database_url, "", {}) as closed, closed.browser() as caller:
            for token in ("", "None", "x"):
                assert (await caller.post(f"/webhooks/mews/{token}", json=events("r1"))).status_code == 404

    async def test_changes_nothing_by_asking(self, caller: httpx.AsyncClient) -> None:
        assert (await caller.get(f"/webhooks/mews/{TOKEN}")).status_code == 405

    async def test_leaves_its_token_in_no_log(
        self, caller: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for content in (json.dumps(events("r1")), "{"):
            await caller.post(f"/webhooks/mews/{TOKEN}", content=content)
        logged = [each for each in caplog.text.splitlines() if "HTTP Request" not in each]  # the test's own client
        assert TOKEN not in "".join(logged)
        assert TOKEN not in "".join(capsys.readouterr())


async def test_calls_are_counted_by_what_came_of_them(caller: httpx.AsyncClient) -> None:
    metrics.forget()
    await caller.post(f"/webhooks/mews/{TOKEN}", json=events("r1"))
    await caller.post(f"/webhooks/mews/{TOKEN}", content="{")
    await caller.post("/webhooks/mews/wrong", json=events("r1"))
    await tell(caller)
    await tell(caller, amount=251)
    await tell(caller, tx_hash=None)
    lines = metrics.exposition()[0].decode().splitlines()
    told = [line.partition("loyalty_webhook_calls_total")[2] for line in lines if "webhook_calls_total{" in line]
    assert sorted(told) == [
        '{outcome="changed",partner="mm",system="qiibee"} 1.0',
        '{outcome="taken",partner="",system="mews"} 1.0',
        '{outcome="taken",partner="mm",system="qiibee"} 1.0',
        '{outcome="unauthorized",partner="",system="mews"} 1.0',
        '{outcome="unreadable",partner="",system="mews"} 1.0',
        '{outcome="unreadable",partner="mm",system="qiibee"} 1.0',
    ]


class TestQiibee:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_is_handed_over_once_however_often_it_repeats(
        self, caller: httpx.AsyncClient, open_site: Site, tmp_path: Path
    ) -> None:
        app = open_site.console.app
        for _ in range(3):
            assert (await tell(caller)).status_code == 202
        async with app.database.write() as connection:
            await members.save(connection, [Member("A-1")], 1, app.chain.member_keys, lambda _: b"said")
        for _ in range(2):
            assert (await app.runner.run("deliver")).error == ""
            assert (await tell(caller)).status_code == 202
        lines = (tmp_path / "deposits.csv").read_text().splitlines()
        assert lines[1:] == ["0xabc,credit,A-1,250,ALP,,2026-11-28T10:30:00+00:00"]

    @pytest.mark.parametrize("auth", [None, (USER, "wrong"), ("", "")])
    async def test_without_its_credentials_says_nothing(
        self, caller: httpx.AsyncClient, open_site: Site, auth: Any
    ) -> None:
        answer = await caller.post("/webhooks/qiibee/mm", json=EXCHANGE, auth=auth or httpx.USE_CLIENT_DEFAULT)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Basic")
        assert await Books(open_site.console.app.database).rows("SELECT * FROM deposit") == []

    @pytest.mark.parametrize("path", ["qiibee/other", "uplyft/mm", "qiibee/", "mm"])
    async def test_elsewhere_finds_nothing(self, caller: httpx.AsyncClient, path: str) -> None:
        assert (await caller.post(f"/webhooks/{path}", json=EXCHANGE, auth=(USER, PASSWORD))).status_code == 404

    async def test_in_words_that_cannot_be_told_apart_is_refused_and_a_case(
        self, caller: httpx.AsyncClient, open_site: Site
    ) -> None:
        for _ in range(2):
            answer = await tell(caller, tx_hash=None)
            assert answer.status_code == 400
            assert answer.json() == {
                "error": "tx_hash is missing or no hash; expected at most 128 letters, digits and hyphens"
            }
        ((reason, text),) = await Books(open_site.console.app.database).cases()
        assert reason == "deposit_unreadable"
        assert text.startswith("a call of the partner cannot be read: tx_hash is missing or no hash; ")

    async def test_in_other_words_than_before_is_a_case_and_the_first_ones_stand(
        self, caller: httpx.AsyncClient, open_site: Site
    ) -> None:
        books = Books(open_site.console.app.database)
        assert [(await tell(caller, amount=amount)).status_code for amount in (250, 251, 250)] == [202] * 3
        assert await books.rows("SELECT points FROM deposit") == [("250",)]
        assert [reason for reason, _ in await books.cases()] == ["deposit_changed"]

    async def test_with_a_fault_is_kept_for_a_person(self, caller: httpx.AsyncClient, open_site: Site) -> None:
        assert (await tell(caller, amount="much")).status_code == 202
        await open_site.console.app.runner.run("deliver")
        assert await Books(open_site.console.app.database).cases() == [
            ("deposit_faulty", "deposit 0xabc is not handed to the scheme: its amount is no plain number")
        ]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
BODIES = st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode())
CALLS = ANY_JSON.map(lambda value: json.dumps({"Events": value}).encode())
EXCHANGES = st.dictionaries(st.sampled_from(sorted(EXCHANGE)), ANY_JSON).map(
    lambda changes: json.dumps(EXCHANGE | changes).encode()
)


@given(content=BODIES | CALLS | EXCHANGES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_body_breaks_anything(caller: httpx.AsyncClient, content: bytes) -> None:
    mews = await caller.post(f"/webhooks/mews/{TOKEN}", content=content)
    assert mews.status_code in (202, 400)
    qiibee = await caller.post("/webhooks/qiibee/mm", content=content, auth=(USER, PASSWORD))
    assert qiibee.status_code in (202, 400)


async def test_a_check_out_is_credited_by_the_webhook_and_not_by_the_schedule(
    desk: FrontDesk, at_uplyft: Counter, open_site: Site
) -> None:
    desk.member()
    desk.stay(State="Started")
    desk.charge("i1", 200)
    chain = desk.chain()
    runner = runner_for(chain, [miles_and_more(at_uplyft.uplyft())])
    waker = hints.Waker(chain, lambda job: asyncio.create_task(run(runner, job)))
    await runner.run("stays")
    desk.events.call()
    desk.later(seconds=1)
    desk.edit("Reservations", "r1", State="Processed")
    open_site.console.app.chain.clock = desk.clock
    async with serving(open_site.asgi) as url, httpx.AsyncClient() as person:
        address = {"url": f"{url}/webhooks/mews/{TOKEN}"}
        answer = await person.post(f"{desk.url}/_sandbox/webhook", json=address)
    assert answer.json() == {"events": 1, "status": 202}
    desk.later(seconds=3)
    await wakes(waker, "stays")
    assert at_uplyft.given() == [(MEMBER, 220)]
