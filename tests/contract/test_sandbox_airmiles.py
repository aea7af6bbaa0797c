"""The AIR MILES simulator against requests written by hand from the published samples."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.airmiles.application import create_app

ISSUANCE = {
    "contributingItemIds": ["SKU1234", "SKU1252"],
    "issuanceOfferCode": "STANDARD",
    "locationCode": "1100",
    "milesAmount": 5,
    "offerDescription": "A standard offer",
    "offerId": "123454",
}
POST = {
    "basketGSTAmount": 0,
    "basketHSTAmount": 3.25,
    "basketPSTAmount": 0,
    "basketPostTaxAmount": 28.22,
    "basketPreTaxAmount": 24.97,
    "basketQSTAmount": 0,
    "checkoutDateTime": "2019-05-30T14:12:59.479Z",
    "checkoutTransactionId": "12340001111",
    "collectorNumber": "81111111111",
    "context": {"key1": "value1"},
    "coupon": ["57841", "57862"],
    "deviceId": "POS1",
    "issuances": [ISSUANCE],
    "items": [
        {"id": "SKU1234", "name": "A", "number": 1, "quantity": 2, "baseAmount": 9.99, "finalAmount": 19.98},
        {"id": "SKU1252", "name": "B", "number": 2, "quantity": 1, "baseAmount": 4.99, "finalAmount": 4.99},
    ],
}
EVENT = {
    "clientTransactionId": "111112314",
    "collectorNumber": "80085102028",
    "coupon": ["coupon"],
    "deviceId": "string",
    "issuances": [
        {
            "issuanceOfferCode": "STANDARD",
            "locationCode": "0037",
            "milesAmount": 8,
            "offerDescription": "offer",
            "offerId": 22,
        }
    ],
}
KEY = "123e4567-e89b-12d3-a456-426655440000"
FORM = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
    "audience": "loyalty-api",
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path / "airmiles.db")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://airmiles") as client:
        token = (await client.post("/oauth/token", data=FORM)).json()
        client.headers["Authorization"] = f"{token['token_type']} {token['access_token']}"
        yield client
    app.state.journal.close()


async def issue(client: httpx.AsyncClient, operation: str, body: dict[str, Any], key: str = KEY) -> httpx.Response:
    path = f"/checkout/issuance/{operation}"
    return await client.post(path, json=body, headers={"Idempotency-Key": key})


async def credits_(client: httpx.AsyncClient) -> list[tuple[object, ...]]:
    listed = (await client.get("/_sandbox/credits")).json()
    return [(one["member"], one["miles"], one["kind"], one["reference"]) for one in listed]


@pytest.mark.parametrize("as_form", [True, False])
async def test_a_token_is_given_for_a_form_and_for_json(client: httpx.AsyncClient, as_form: bool) -> None:
    answer = await client.post("/oauth/token", **({"data": FORM} if as_form else {"json": FORM}))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 86_400)
    assert body["access_token"].count(".") == 2


async def test_the_post_sample_issues_its_five_miles(client: httpx.AsyncClient) -> None:
    answer = await issue(client, "post", POST)
    assert (answer.status_code, answer.json()["responseCode"]) == (200, "0000")
    assert await credits_(client) == [("81111111111", 5, "credit", "12340001111")]


async def test_the_same_sample_taken_back_leaves_nothing(client: httpx.AsyncClient) -> None:
    await issue(client, "post", POST)
    assert (await issue(client, "reverse", POST, "another")).status_code == 200
    assert (await credits_(client))[1:] == [("81111111111", -5, "reversal", "12340001111")]
    assert (await client.get("/_sandbox/totals")).json()["miles"] == 0


async def test_the_event_samples_issue_and_take_back_eight_miles(client: httpx.AsyncClient) -> None:
    assert (await issue(client, "post/event", EVENT)).status_code == 200
    assert (await issue(client, "reverse/event", EVENT, "another")).status_code == 200
    assert await credits_(client) == [
        ("80085102028", 8, "credit", "111112314"),
        ("80085102028", -8, "reversal", "111112314"),
    ]


async def test_record_moves_no_miles_and_needs_no_collector(client: httpx.AsyncClient) -> None:
    stranger = {name: value for name, value in POST.items() if name not in ("collectorNumber", "issuances")}
    for body in (POST, stranger):
        answer = await client.post("/checkout/issuance/record", json=body)
        assert answer.status_code == 200
    assert await credits_(client) == []
    assert (await client.get("/_sandbox/totals")).json()["without_miles"] == 2


async def test_the_history_of_a_collector_lists_each_issuance(client: httpx.AsyncClient) -> None:
    bonus = {**ISSUANCE, "milesAmount": 3, "contributingItemIds": []}
    await issue(client, "post", {**POST, "issuances": [ISSUANCE, bonus]})
    await issue(client, "reverse", {**POST, "checkoutDateTime": "2019-06-01T00:00:00.000Z"}, "another")
    query = {
        "sponsorList": "ABC,SBOX",
        "collectorNumber": "81111111111",
        "from": "2019-01-01T00:00:00.000000Z",
        "to": "2019-12-31T00:00:00.000000Z",
        "page": 0,
        "size": 10,
        "sort": "transactionDate,asc",
    }
    answer = await client.get("/transaction-history/sponsors", params=query)
    listed = answer.json()["_embedded"]["genericActivityDtoList"]
    assert [(one["activityType"], one["cashMiles"]) for one in listed] == [
        ("ISSUANCE", 5),
        ("ISSUANCE", 3),
        ("NEGATIVE_ISSUANCE", -5),
    ]
    assert {(one["cardNumber"], one["memberId"]) for one in listed} == {("81111111111", 81111111111)}
    assert len({one["transactionId"] for one in listed}) == 3


async def test_the_health_of_the_history_is_up(client: httpx.AsyncClient) -> None:
    assert (await client.get("/transaction-history/health")).json() == {"status": "up"}
