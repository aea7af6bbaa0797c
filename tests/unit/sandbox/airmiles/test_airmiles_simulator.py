"""What the AIR MILES simulator accepts, refuses and remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.airmiles.application import create_app, operation_of
from connector.sandbox.airmiles.requests import Sponsor

CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client-id",
    "client_secret": "sandbox-client-secret",
}
BODY: dict[str, Any] = {
    "basketHSTAmount": 13.0,
    "basketPreTaxAmount": 100.0,
    "basketPostTaxAmount": 113.0,
    "checkoutDateTime": "2026-05-30T14:12:59.479Z",
    "checkoutTransactionId": "folio-1",
    "collectorNumber": "80085102028",
    "issuances": [{"issuanceOfferCode": "STANDARD", "locationCode": "0037", "milesAmount": 5}],
    "items": [{"id": "night-1", "finalAmount": 60.1}, {"id": "night-2", "finalAmount": 39.9}],
}


@asynccontextmanager
async def opened(path: Path, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(path, **options)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airmiles") as client:
        token = (await client.post("/oauth/token", json=CREDENTIALS)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
    app.state.journal.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path / "airmiles.db") as client:
        yield client


async def issue(
    client: httpx.AsyncClient, operation: str = "post", *, key: str | None = "one", **changes: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not None}
    return await client.post(f"/checkout/issuance/{operation}", json=body, headers=headers)


async def totals(client: httpx.AsyncClient) -> dict[str, int]:
    return dict((await client.get("/_sandbox/totals")).json())


def miles(amount: Any, **more: Any) -> list[dict[str, Any]]:
    return [{**BODY["issuances"][0], "milesAmount": amount, **more}]


class TestTokens:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [({"client_secret": "wrong"}, 401), ({"client_id": "x"}, 401), ({"grant_type": "password"}, 400)],
    )
    async def test_wrong_credentials_get_none(
        self, client: httpx.AsyncClient, changes: dict[str, str], status: int
    ) -> None:
        answer = await client.post("/oauth/token", json={**CREDENTIALS, **changes})
        assert answer.status_code == status
        assert "error" in answer.json()

    async def test_a_body_that_is_no_json_gets_none(self, client: httpx.AsyncClient) -> None:
        headers = {"Content-Type": "application/json"}
        assert (await client.post("/oauth/token", content=b"{", headers=headers)).status_code == 400

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer a.b.c", "Basic abc", "Bearer ä"])
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/checkout/issuance/post"),
            ("GET", "/transaction-history/sponsors"),
            ("GET", "/transaction-history/health"),
        ],
    )
    async def test_without_a_token_nothing_is_served(
        self, client: httpx.AsyncClient, method: str, path: str, header: str
    ) -> None:
        answer = await client.request(method, path, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401

    async def test_an_expired_one_is_refused_and_a_restart_changes_nothing(self, tmp_path: Path) -> None:
        now = [1_000.0]
        async with opened(tmp_path / "db", token_lifetime=60, clock=lambda: now[0]) as client:
            token = client.headers["Authorization"]
            assert (await issue(client)).status_code == 200
        async with opened(tmp_path / "db", token_lifetime=60, clock=lambda: now[0]) as client:
            client.headers["Authorization"] = token
            now[0] += 59
            assert (await issue(client, key="two")).status_code == 200
            now[0] += 1
            assert (await issue(client, key="three")).status_code == 401
            assert (await totals(client))["credits"] == 2


class TestIdempotency:
    async def test_the_same_key_is_answered_again_without_a_second_effect(self, client: httpx.AsyncClient) -> None:
        first, second = await issue(client), await issue(client)
        assert (first.status_code, first.content) == (second.status_code, second.content)
        assert await totals(client) == {
            "miles": 5, "credits": 1, "reversals": 0, "without_miles": 0,
            "duplicates_answered": 1, "overlaps": 0,
        }  # fmt: skip

    async def test_the_answer_outlives_a_restart(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", accept=202) as client:
            assert (await issue(client)).status_code == 202
        async with opened(tmp_path / "db", accept=200) as client:
            assert (await issue(client)).status_code == 202
            assert (await totals(client))["credits"] == 1

    async def test_what_is_dropped_is_accepted_for_ever_and_never_done(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", dropped=["post"]) as client:
            assert [(await issue(client)).status_code for _ in range(2)] == [202, 202]
            assert (await totals(client))["miles"] == 0
            assert (await totals(client))["duplicates_answered"] == 1

    @pytest.mark.parametrize("operation", ["post", "reverse"])
    async def test_the_same_key_with_another_request_is_a_conflict(
        self, client: httpx.AsyncClient, operation: str
    ) -> None:
        await issue(client)
        answer = await issue(client, operation, issuances=miles(4))
        assert answer.status_code == 409
        assert (await totals(client))["miles"] == 5

    async def test_without_a_key_the_content_tells_a_duplicate(self, client: httpx.AsyncClient) -> None:
        await issue(client, key=None)
        await issue(client, key=None)
        await issue(client, key=None, checkoutDateTime="2026-05-30T14:12:59.480Z")
        assert (await totals(client))["miles"] == 10

    async def test_a_refused_key_may_be_used_again(self, client: httpx.AsyncClient) -> None:
        assert (await issue(client, collectorNumber="123")).status_code == 400
        assert (await issue(client)).status_code == 200

    async def test_record_knows_no_key(self, client: httpx.AsyncClient) -> None:
        await issue(client, "record")
        await issue(client, "record")
        assert await totals(client) | {"overlaps": 0} == {
            "miles": 0, "credits": 0, "reversals": 0, "without_miles": 2,
            "duplicates_answered": 0, "overlaps": 0,
        }  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"collectorNumber": "12345678901"}, "collectorNumber"),
            ({"collectorNumber": "8008510202"}, "collectorNumber"),
            ({"collectorNumber": 80085102028}, "collectorNumber"),
            ({"collectorNumber": None}, "collectorNumber"),
            ({"basketPostTaxAmount": 113.01}, "basketPostTaxAmount"),
            ({"basketPSTAmount": 0.5}, "basketPostTaxAmount"),
            ({"items": [{"finalAmount": 99.99}]}, "items[].finalAmount"),
            ({"items": [{"id": "a"}]}, "finalAmount"),
            ({"items": ["a"]}, "items"),
            ({"basketPreTaxAmount": None}, "basketPreTaxAmount"),
            ({"basketPreTaxAmount": "100"}, "basketPreTaxAmount"),
            ({"issuances": []}, "issuances"),
            ({"issuances": "five"}, "issuances"),
            ({"issuances": [5]}, "issuances[]"),
            ({"issuances": miles(0)}, "milesAmount"),
            ({"issuances": miles(-5)}, "milesAmount"),
            ({"issuances": miles(5.5)}, "milesAmount"),
            ({"issuances": miles(True)}, "milesAmount"),
            ({"issuances": miles(5, locationCode="9999")}, "locationCode"),
            ({"issuances": miles(5, issuanceOfferCode="UNKNOWN")}, "issuanceOfferCode"),
            ({"issuances": miles(5, offerId=[1])}, "offerId"),
            ({"issuances": miles(5, contributingItemIds=["night-3"])}, "contributingItemIds"),
            ({"checkoutDateTime": "2026-05-30T14:12:59Z"}, "checkoutDateTime"),
            ({"checkoutDateTime": "2026-13-30T14:12:59.479Z"}, "checkoutDateTime"),
        ],
    )
    async def test_a_wrong_request_is_a_400_that_names_the_field(
        self, client: httpx.AsyncClient, changes: dict[str, Any], reason: str
    ) -> None:
        answer = await issue(client, **changes)
        assert answer.status_code == 400
        assert reason in answer.json()["message"]
        assert (await totals(client))["credits"] == 0

    @pytest.mark.parametrize("content", [b"{", b"[]", b'"text"'])
    async def test_so_is_what_is_no_object(self, client: httpx.AsyncClient, content: bytes) -> None:
        assert (await client.post("/checkout/issuance/post", content=content)).status_code == 400

    async def test_an_event_needs_its_own_identifier(self, client: httpx.AsyncClient) -> None:
        answer = await issue(client, "post/event")
        assert (answer.status_code, "clientTransactionId" in answer.text) == (400, True)

    async def test_the_contract_s_codes_can_be_chosen(self, tmp_path: Path) -> None:
        sponsor = Sponsor(offers=frozenset({"HOTEL"}), locations=frozenset({"0001"}))
        async with opened(tmp_path / "db", sponsor=sponsor) as client:
            good = miles(5, issuanceOfferCode="HOTEL", locationCode="0001")
            assert (await issue(client)).status_code == 400
            assert (await issue(client, issuances=good)).status_code == 200


class TestReversals:
    @pytest.mark.parametrize("amount", [3, -3])
    async def test_miles_are_taken_back_whatever_their_sign(self, client: httpx.AsyncClient, amount: int) -> None:
        await issue(client)
        assert (await issue(client, "reverse", key="two", issuances=miles(amount))).status_code == 200
        shown = await totals(client)
        assert (shown["miles"], shown["reversals"]) == (2, 1)

    async def test_never_more_than_were_issued(self, client: httpx.AsyncClient) -> None:
        await issue(client)
        assert (await issue(client, "reverse", key="two", issuances=miles(6))).status_code == 400
        other = await issue(client, "reverse", key="three", collectorNumber="80000000110")
        assert other.status_code == 400
        assert (await totals(client))["miles"] == 5


class TestOverlaps:
    async def test_a_second_call_for_a_collector_in_process_is_an_error(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", processing=0.05) as client:
            answers = await asyncio.gather(issue(client, key="one"), issue(client, key="two"))
            assert sorted(answer.status_code for answer in answers) == [200, 500]
            failed = next(answer for answer in answers if answer.status_code == 500)
            assert failed.json()["responseCode"]
            assert (await totals(client))["overlaps"] == 1
            assert (await issue(client, key="two")).status_code == 200
            assert (await totals(client))["miles"] == 10

    async def test_other_collectors_are_not_in_the_way(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", processing=0.05) as client:
            numbers = ("80085102028", "80000000110", "84095202006")
            calls = [issue(client, key=number, collectorNumber=number) for number in numbers]
            assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
            assert (await totals(client))["overlaps"] == 0

    async def test_one_key_for_two_collectors_at_once_has_one_effect(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", processing=0.05) as client:
            calls = [issue(client, collectorNumber=number) for number in ("80085102028", "80000000110")]
            assert sorted(answer.status_code for answer in await asyncio.gather(*calls)) == [200, 409]
            assert (await totals(client))["miles"] == 5

    async def test_a_refused_reversal_leaves_the_collector_free(self, client: httpx.AsyncClient) -> None:
        assert (await issue(client, "reverse")).status_code == 400
        assert (await issue(client)).status_code == 200


class TestPending:
    async def test_202_is_for_credits_and_reversals_only(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", accept=202) as client:
            answers = [await issue(client, name, key=name) for name in ("post", "reverse", "record")]
            assert [answer.status_code for answer in answers] == [202, 202, 200]


QUERY = {
    "sponsorList": "SBOX",
    "collectorNumber": "80085102028",
    "from": "2026-01-01T00:00:00.000000Z",
    "to": "2026-12-31T00:00:00.000000Z",
}


class TestHistory:
    async def listed(self, client: httpx.AsyncClient, **changes: str) -> list[dict[str, Any]]:
        answer = await client.get("/transaction-history/sponsors", params={**QUERY, **changes})
        assert answer.status_code == 200
        return list(answer.json()["_embedded"]["genericActivityDtoList"])

    async def test_only_the_sponsor_the_collector_and_the_span_asked_for(self, client: httpx.AsyncClient) -> None:
        await issue(client)
        await issue(client, "record")
        assert len(await self.listed(client)) == 1
        assert await self.listed(client, sponsorList="ABC") == []
        assert await self.listed(client, collectorNumber="80000000110") == []
        assert await self.listed(client, to="2026-05-30T14:12:59.478000Z") == []

    async def test_newest_first_and_page_by_page(self, client: httpx.AsyncClient) -> None:
        for day in (1, 2, 3):
            moment = f"2026-06-0{day}T10:00:00.000Z"
            await issue(client, key=str(day), checkoutDateTime=moment)
        first = await self.listed(client, size="2")
        second = await self.listed(client, size="2", page="1")
        assert [one["transactionDate"][8:10] for one in first + second] == ["03", "02", "01"]

    async def test_without_a_stated_time_the_receipt_counts(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", clock=lambda: 1_780_000_000.0) as client:
            await issue(client, checkoutDateTime=None)
            (one,) = await self.listed(client)
            assert one["transactionDate"] == "2026-05-28T20:26:40.000Z"

    @pytest.mark.parametrize(
        "changes",
        [
            {"sponsorList": ""},
            {"collectorNumber": ""},
            {"from": ""},
            {"to": "tomorrow"},
            {"to": "2026-12-31T00:00:00"},
            {"from": "2020-01-01T00:00:00Z"},
            {"size": "0"},
            {"page": "x"},
            {"sort": "miles,asc"},
        ],
    )
    async def test_a_wrong_query_is_a_400(self, client: httpx.AsyncClient, changes: dict[str, str]) -> None:
        answer = await client.get("/transaction-history/sponsors", params={**QUERY, **changes})
        assert answer.status_code == 400


class TestStatistics:
    async def test_calls_are_counted_by_operation(self, client: httpx.AsyncClient) -> None:
        await issue(client)
        await issue(client, "reverse", key="two")
        assert (await client.get("/_sandbox/stats")).json() == {"token": 1, "post": 1, "reverse": 1}

    @pytest.mark.parametrize(
        ("path", "operation"),
        [
            ("/checkout/issuance/post/event", "post/event"),
            ("/oauth/token", "token"),
            ("/transaction-history/sponsors", "history"),
            ("/transaction-history/health", "health"),
        ],
    )
    def test_operations_have_short_names(self, path: str, operation: str) -> None:
        assert operation_of(path) == operation
