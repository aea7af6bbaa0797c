"""The Earn service simulator against requests written by hand from the published table of fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.lufthansa.application import CLIENT_ID, CLIENT_SECRET, create_app
from tests.contract.partner_rehearsal import NOW

EARN = {
    "pid": 0,
    "cardNo": "992003669288601",
    "action": "C",
    "property": "HOTEL1",
    "miles": 500,
    "activityDate": "01.11.2026",
    "transactionText": "Alpenglow Hotels",
    "additionalPartnerData": {"booking": "4711"},
}
GRANT = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@asynccontextmanager
async def opened(path: Path, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(path / "state.db", clock=NOW.timestamp, **options)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://earn.test") as client:
        token = (await client.post("/v1/partners/oauth/token", data=GRANT)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
    app.state.journal.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path) as client:
        yield client


async def send(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await client.post("/v1/profiles/earn", json=EARN | changes)


async def moved(client: httpx.AsyncClient) -> list[tuple[object, ...]]:
    entries = (await client.get("/_sandbox/credits")).json()
    return [(each["key"], each["miles"]) for each in entries]


async def test_a_request_that_is_repeated_is_booked_twice(client: httpx.AsyncClient) -> None:
    first, second = (await send(client)).json(), (await send(client)).json()
    assert first["transactionId"] != second["transactionId"]
    assert await moved(client) == [("4711", 500), ("4711/2", 500)]


async def test_an_uncredit_takes_back_what_was_credited(client: httpx.AsyncClient) -> None:
    assert (await send(client, action="UC")).status_code == 400
    await send(client)
    assert (await send(client, action="UC", additionalPartnerData={"booking": "4712"})).status_code == 200
    assert await moved(client) == [("4711", 500), ("4712", -500)]


async def test_an_uncredit_may_have_to_name_its_credit(tmp_path: Path) -> None:
    async with opened(tmp_path, uncredit="transaction", accept=201) as client:
        credited = await send(client)
        assert credited.status_code == 201
        assert (await send(client, action="UC")).status_code == 400
        named = {"transactionId": credited.json()["transactionId"]}
        assert (await send(client, action="UC", additionalPartnerData={}, **named)).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": "1234567890"},
        {"cardNo": "12345678"},
        {"cardNo": 992003669288601},
        {"action": "D"},
        {"property": "HOTEL-1"},
        {"miles": 0},
        {"miles": 1_000_000},
        {"miles": "500"},
        {"activityDate": "2026-11-01"},
        {"activityDate": "31.02.2026"},
        {"activityDate": "01.09.2025"},
        {"activityDate": "05.11.2026"},
        {"transactionText": ""},
        {"transactionText": "Hôtel"},
        {"transactionText": "x" * 21},
        {"additionalPartnerData": "4711"},
    ],
    ids=str,
)
async def test_a_field_that_is_not_as_published_is_refused(client: httpx.AsyncClient, changes: dict[str, Any]) -> None:
    assert (await send(client, **changes)).status_code == 400
    assert await moved(client) == []


@pytest.mark.parametrize("day", ["02.09.2025", "04.11.2026"])
async def test_the_first_and_the_last_day_are_taken(client: httpx.AsyncClient, day: str) -> None:
    assert (await send(client, activityDate=day, cardNo="123456789")).status_code == 200


async def test_nothing_is_done_without_a_token(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "Bearer a.b.c"
    assert (await send(client)).status_code == 401
    assert await moved(client) == []
    wrong = await client.post("/v1/partners/oauth/token", data=GRANT | {"client_secret": "wrong"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
