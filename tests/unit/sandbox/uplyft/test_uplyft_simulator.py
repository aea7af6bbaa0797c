"""What the Uplyft simulator accepts, refuses and remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from connector.sandbox.uplyft.application import create_app, operation_of
from connector.sandbox.uplyft.events import Duplicate

PRODUCTION = ("sandbox-app", "sandbox-production-secret")
TEST = ("sandbox-app", "sandbox-test-secret")
DOCUMENT = """
mutation ($card: String!, $miles: Int!, $id: String, $app: String) {
  createEvent(
    appId: $app, businessValue: {amount: 10, currency: cad}, action: purchase, objects: [{id: "R-1"}],
    walletAddress: $card, baselineReward: {amount: $miles, currency: milesandmore}, uniqueId: $id
  )
}
"""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path / "uplyft.db") as client:
        yield client


@asynccontextmanager
async def opened(path: Path, duplicate: Duplicate = Duplicate.TRUE) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(path, duplicate=duplicate)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://uplyft", auth=PRODUCTION) as client:
        yield client
    app.state.journal.close()


async def book(
    client: httpx.AsyncClient, *, auth: tuple[str, str] = PRODUCTION, **variables: object
) -> dict[str, object]:
    given = {"card": "992001234567894", "miles": 10, "id": "one", **variables}
    answer = await client.post("/", json={"query": DOCUMENT, "variables": given}, auth=auth)
    assert answer.status_code == 200
    return dict(answer.json())


async def totals(client: httpx.AsyncClient) -> dict[str, int]:
    return dict((await client.get("/_sandbox/totals")).json())


BOOKED = {"data": {"createEvent": True}}


class TestCredentials:
    @pytest.mark.parametrize("auth", [("sandbox-app", "wrong"), ("other", "sandbox-production-secret"), ("", "")])
    async def test_wrong_ones_are_a_401(self, client: httpx.AsyncClient, auth: tuple[str, str]) -> None:
        answer = await client.post("/", json={"query": DOCUMENT}, auth=auth)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")

    @pytest.mark.parametrize("header", ["Bearer abc", "Basic !!", "Basic /w=="])
    async def test_so_is_a_header_of_another_kind(self, client: httpx.AsyncClient, header: str) -> None:
        request = client.build_request("POST", "/", json={"query": DOCUMENT})
        request.headers["Authorization"] = header
        assert (await client.send(request, auth=None)).status_code == 401

    async def test_the_test_secret_records_no_miles(self, client: httpx.AsyncClient) -> None:
        assert await book(client, auth=TEST) == BOOKED
        assert (await client.get("/_sandbox/credits")).json() == []
        assert (await totals(client))["without_miles"] == 1

    async def test_a_rehearsed_identifier_is_still_free_in_production(self, client: httpx.AsyncClient) -> None:
        await book(client, auth=TEST)
        await book(client)
        assert (await totals(client))["miles"] == 10

    async def test_another_app_id_in_the_arguments_is_an_error(self, client: httpx.AsyncClient) -> None:
        answer = await book(client, app="other-app")
        assert "appId" in str(answer["errors"])


class TestDuplicates:
    @pytest.mark.parametrize(
        ("duplicate", "data"),
        [(Duplicate.TRUE, {"createEvent": True}), (Duplicate.FALSE, {"createEvent": False})],
    )
    async def test_a_repeated_identifier_is_answered_as_chosen(
        self, tmp_path: Path, duplicate: Duplicate, data: dict[str, bool]
    ) -> None:
        async with opened(tmp_path / "db", duplicate) as client:
            assert await book(client) == BOOKED
            assert await book(client) == {"data": data}
            assert await totals(client) == {
                "miles": 10, "credits": 1, "reversals": 0, "without_miles": 0,
                "duplicates_answered": 1, "overlaps": 0,
            }  # fmt: skip

    async def test_or_with_an_error(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", Duplicate.ERROR) as client:
            await book(client)
            answer = await book(client)
            assert answer["data"] == {"createEvent": None}
            assert "processed before" in str(answer["errors"])
            assert (await totals(client))["credits"] == 1

    async def test_without_an_identifier_each_call_counts(self, client: httpx.AsyncClient) -> None:
        await book(client, id=None)
        await book(client, id=None)
        assert (await totals(client))["miles"] == 20

    async def test_a_restart_remembers(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db") as client:
            await book(client)
        async with opened(tmp_path / "db") as client:
            await book(client)
            assert (await totals(client))["miles"] == 10


class TestArguments:
    @pytest.mark.parametrize("card", ["99200123456789", "9920012345678940", "99200123456789x", ""])
    async def test_a_card_number_has_15_digits(self, client: httpx.AsyncClient, card: str) -> None:
        answer = await book(client, card=card)
        assert "15 digits" in str(answer["errors"])
        assert (await totals(client))["credits"] == 0

    @pytest.mark.parametrize("miles", [0, -1, 1_000_000])
    async def test_miles_are_between_1_and_999999(self, client: httpx.AsyncClient, miles: int) -> None:
        answer = await book(client, miles=miles)
        assert "baselineReward.amount" in str(answer["errors"])

    async def test_miles_are_whole(self, client: httpx.AsyncClient) -> None:
        assert "Int cannot represent" in str((await book(client, miles=1.5))["errors"])

    async def test_half_of_a_flat_reward_is_an_error(self, client: httpx.AsyncClient) -> None:
        query = DOCUMENT.replace("walletAddress: $card,", "tags: [$card],")
        given = {"card": "992001234567894", "miles": 1}
        answer = await client.post("/", json={"query": query, "variables": given})
        assert "walletAddress and baselineReward together" in answer.text

    async def test_two_rewards_are_an_error(self, client: httpx.AsyncClient) -> None:
        reward = "baselineReward: {amount: $miles, currency: milesandmore}"
        both = f"transaction: {{walletAddress: $card, {reward}}}, uniqueId"
        query = DOCUMENT.replace("uniqueId", both)
        given = {"card": "992001234567894", "miles": 1}
        answer = await client.post("/", json={"query": query, "variables": given})
        assert "not both" in answer.text


class TestTransport:
    @pytest.mark.parametrize("body", [b"{", b"[]", b'{"query": 1}', b'{"query": "{ _ }", "variables": [1]}'])
    async def test_what_is_no_request_is_a_400(self, client: httpx.AsyncClient, body: bytes) -> None:
        answer = await client.post("/", content=body)
        assert answer.status_code == 400
        assert answer.json()["errors"]

    async def test_what_is_no_graphql_is_an_error_with_status_200(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/", json={"query": "mutation {"})
        assert answer.status_code == 200
        assert "Syntax Error" in answer.json()["errors"][0]["message"]

    async def test_aliased_events_are_booked_one_after_another(self, client: httpx.AsyncClient) -> None:
        event = """createEvent(businessValue: {amount: 1, currency: eur}, action: purchase, objects: [],
            walletAddress: "992001234567894", baselineReward: {amount: 1, currency: milesandmore})"""
        answer = await client.post("/", json={"query": f"mutation {{ a: {event} b: {event} }}"})
        assert answer.json() == {"data": {"a": True, "b": True}}
        assert (await totals(client))["credits"] == 2

    async def test_calls_are_counted(self, client: httpx.AsyncClient) -> None:
        await book(client)
        await book(client)
        assert (await client.get("/_sandbox/stats")).json() == {"createEvent": 2}


def test_the_bare_host_is_the_operation() -> None:
    assert operation_of("/") == "createEvent"
