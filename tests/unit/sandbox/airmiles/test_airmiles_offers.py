"""The simulator's Offer Service: what it asks for, and what it remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.airmiles.application import create_app, operation_of
from connector.sandbox.airmiles.offers import OFFERS
from connector.sandbox.airmiles.tokens import CLIENT_ID, CLIENT_SECRET

FIRST, SECOND = OFFERS
GRANT = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
OURS = {"X-Origin-Client": "external:partner:hotel", "Collector-Number": "80085102028"}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path / "airmiles.db")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airmiles") as client:
        token = (await client.post("/oauth/token", json=GRANT)).json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", **OURS})
        yield client
    app.state.journal.close()


async def put(client: httpx.AsyncClient, states: Any, offer: str = FIRST, **options: Any) -> httpx.Response:
    return await client.put(f"/offers/{offer}/states", json={"states": states}, **options)


async def test_a_state_is_shown_to_its_collector_alone_and_moves_no_miles(client: httpx.AsyncClient) -> None:
    done = await put(client, [{"name": "SAVE", "value": "SAVED"}], headers={"X-Correlation-Id": "trace"})
    assert (done.status_code, done.content, done.headers["x-correlation-id"]) == (204, b"", "trace")
    await put(client, [{"name": "SAVE", "value": "UNSAVED"}, {"name": "OPT_IN", "value": "OPTED_IN"}])
    first, second = (await client.get("/offers?region=QC")).json()["offers"]
    assert {each["name"]: each["value"] for each in first["states"]} == {"SAVE": "UNSAVED", "OPT_IN": "OPTED_IN"}
    assert second["states"] == []
    answer = await client.get(f"/offers/{FIRST}?region=QC", headers={"Collector-Number": "84095202006"})
    assert answer.json()["offers"][0]["states"] == []
    assert (await client.get("/_sandbox/totals")).json()["miles"] == 0


async def test_without_a_token_offers_come_without_states(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    assert "states" not in (await client.get("/offers?region=QC")).json()["offers"][0]
    assert (await put(client, [])).status_code == 401


async def test_pages_are_as_long_as_was_asked_for(client: httpx.AsyncClient) -> None:
    pages = [(await client.get(f"/offers?region=QC&limit=1&offset={n}")).json()["offers"] for n in range(3)]
    assert [[each["id"] for each in page] for page in pages] == [[FIRST], [SECOND], []]


@pytest.mark.parametrize("query", ["", "?region=", "?region=QC&limit=97", "?region=QC&offset=x"])
async def test_a_query_that_is_none_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/offers{query}")).status_code == 400


@pytest.mark.parametrize(
    ("states", "offer", "dropped", "status"),
    [
        ([{"name": "SAVE", "value": "OPTED_IN"}], FIRST, "", 400),
        ([{"name": "OPT_IN", "value": "OPTED_OUT"}], FIRST, "", 400),
        ("SAVED", FIRST, "", 400),
        ([], "nowhere", "", 404),
        ([], FIRST, "Collector-Number", 400),
        ([], FIRST, "X-Origin-Client", 400),
    ],
)
async def test_a_state_that_cannot_be_set_is_refused(
    client: httpx.AsyncClient, states: Any, offer: str, dropped: str, status: int
) -> None:
    if dropped:
        del client.headers[dropped]
    assert (await put(client, states, offer)).status_code == status


@pytest.mark.parametrize(
    ("path", "name"),
    [("/offers", "offers"), (f"/offers/{FIRST}", "offer"), (f"/offers/{FIRST}/state", "offer/states")],
)
def test_the_calls_have_names_of_their_own(path: str, name: str) -> None:
    assert operation_of(path) == name
