"""What the qiibee simulator makes of exchanges: miles, costs, and when they show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.qiibee.application import create_app, operation_of
from connector.sandbox.qiibee.exchange import BRAND_A, BRAND_B, Trade
from connector.sandbox.qiibee.reading import Reading

KEY = {"X-API-KEY": "sandbox-qiibee-key"}
CARD = "992003669288601"


class Brand:
    """A brand with the user A-1, asked over HTTP; ``now`` is its time in seconds."""

    def __init__(self, client: httpx.AsyncClient, state: Any) -> None:
        self.client, self.state, self.now = client, state, 1_000_000_000.0

    async def exchange(self, **fields: Any) -> httpx.Response:
        given = {
            "type": "exchange",
            "user_auth_id": "A-1",
            "amount": 12,
            "brandA_token_id": BRAND_A,
            "brandB_token_id": BRAND_B,
            "brandB_membership_number": CARD,
        }
        transaction = {name: value for name, value in (given | fields).items() if value is not None}
        return await self.client.post("/api/admin/transactions", json={"transaction": transaction})

    async def listed(self, **query: Any) -> dict[str, Any]:
        asked = {"user_auth_id": "A-1"} | query
        found: dict[str, Any] = (await self.client.get("/api/admin/transactions", params=asked)).json()
        return found

    async def told(self, what: str) -> Any:
        return (await self.client.get(f"/_sandbox/{what}")).json()


@asynccontextmanager
async def opened(path: Path, reading: str = "", **trade: Any) -> AsyncIterator[Brand]:
    app = create_app(path, reading=Reading.parse(reading), trade=Trade(**trade), clock=lambda: brand.now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://qiibee", headers=KEY) as client:
        brand = Brand(client, app.state)
        await client.post("/_sandbox/users", json=[{"email": "a@relay.example", "auth_id": "A-1"}])
        yield brand
    app.state.users.close()
    app.state.journal.close()


@pytest.fixture
async def brand(tmp_path: Path) -> AsyncIterator[Brand]:
    async with opened(tmp_path / "qiibee.db") as opened_:
        yield opened_


async def miles(brand: Brand) -> list[tuple[str, int]]:
    return [(each["member"], each["miles"]) for each in await brand.told("credits")]


class TestTaken:
    async def test_gives_the_miles_and_shows(self, brand: Brand) -> None:
        answer = await brand.exchange()
        assert (answer.status_code, await miles(brand)) == (202, [(CARD, 12)])
        listed = await brand.listed()
        assert (listed["total_tx_count"], len(listed["transactions"])) == (1, 1)
        assert listed["transactions"][0]["user_auth_id"] == "A-1"
        assert (await brand.told("totals"))["miles"] == 12

    async def test_twice_gives_twice(self, brand: Brand) -> None:
        await brand.exchange()
        await brand.exchange()
        assert await miles(brand) == [(CARD, 12)] * 2

    @pytest.mark.parametrize(
        ("rate", "fields", "given"),
        [
            ("0.7", {"amount": 18}, 12),
            ("0.7", {"amount": "18"}, 12),
            ("1", {"amount": 7, "exchange_rate_override": 1.9}, 13),
            ("2", {"brandA_token_id": None}, 24),
        ],
    )
    async def test_is_rounded_down(self, tmp_path: Path, rate: str, fields: dict[str, Any], given: int) -> None:
        async with opened(tmp_path / "qiibee.db", rate=rate) as brand:
            assert (await brand.exchange(**fields)).status_code == 202
            assert await miles(brand) == [(CARD, given)]

    async def test_uses_the_saved_number_where_none_is_given(self, brand: Brand) -> None:
        saved = {"exchange_provider_implementation_name": "miles_and_more", "membership_number": CARD}
        await brand.client.post("/api/admin/users/A-1/memberships", json=saved)
        assert (await brand.exchange(brandB_membership_number=None)).status_code == 202
        assert await miles(brand) == [(CARD, 12)]

    async def test_outlives_the_process(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "qiibee.db") as brand:
            await brand.exchange()
        async with opened(tmp_path / "qiibee.db") as brand:
            assert await miles(brand) == [(CARD, 12)]
            assert (await brand.listed())["total_tx_count"] == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"user_auth_id": "A-2"}, "user does not exist"),
            ({"type": "credit_points"}, "type: expected exchange"),
            ({"brandB_token_id": "other"}, "token does not exist"),
            ({"brandA_token_id": "other"}, "token does not exist"),
            ({"amount": 0}, "amount: expected a whole number above 0"),
            ({"amount": 1.5}, "amount: expected a whole number above 0"),
            ({"amount": "1.5"}, "amount: expected a whole number above 0"),
            ({"brandB_membership_number": "99200"}, "invalid membership number"),
            ({"brandB_membership_number": None}, "invalid membership number"),
            ({"exchange_rate_override": "1"}, "exchange_rate_override: expected a number above 0"),
            ({"exchange_rate_override": 0.01}, "amount: gives no miles"),
        ],
    )
    async def test_does_nothing(self, brand: Brand, fields: dict[str, Any], reason: str) -> None:
        answer = await brand.exchange(**fields)
        assert (answer.status_code, answer.json()) == (400, {"message": reason})
        assert await miles(brand) == []

    async def test_is_what_is_no_transaction(self, brand: Brand) -> None:
        answer = await brand.client.post("/api/admin/transactions", content=b"[]")
        assert (answer.status_code, answer.json()["message"]) == (400, "transaction: missing")

    async def test_is_what_the_prepaid_credits_do_not_reach_for(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "qiibee.db", prepaid=20) as brand:
            answers = [(await brand.exchange(amount=points)).status_code for points in (12, 9, 8)]
            assert answers == [202, 400, 202]
            assert (await brand.exchange(amount=1)).json() == {"message": "Insufficient credits"}
            brand.state.exchange.prepaid = 21
            assert (await brand.exchange(amount=1)).status_code == 202

    async def test_is_a_stranger(self, brand: Brand) -> None:
        brand.client.headers["X-API-KEY"] = "other"
        assert (await brand.exchange()).status_code == 401


class TestTheList:
    async def test_shows_an_exchange_when_it_is_processed(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "qiibee.db", processing=60) as brand:
            await brand.exchange()
            brand.now += 59
            assert (await brand.listed())["total_tx_count"] == 0
            brand.now += 1
            assert (await brand.listed())["total_tx_count"] == 1

    async def test_tells_of_exchanges_that_did_not_wait_for_the_one_before(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "qiibee.db", processing=60) as brand:
            await brand.exchange()
            await brand.exchange()
            brand.now += 60
            await brand.exchange()
            assert (await brand.told("totals"))["overlaps"] == 1

    async def test_comes_in_pages_newest_first(self, brand: Brand) -> None:
        for points in range(1, 6):
            await brand.exchange(amount=points)
        found = [
            [each["amount"] for each in (await brand.listed(limit=2, offset=offset))["transactions"]]
            for offset in (0, 2, 4, 6)
        ]
        assert found == [[5, 4], [3, 2], [1], []]
        assert (await brand.listed(limit=101)) == {"message": "limit: expected 1 to 100"}

    async def test_holds_one_users_exchanges_only(self, brand: Brand) -> None:
        await brand.exchange()
        assert (await brand.listed(user_auth_id="A-2"))["transactions"] == []
        assert (await brand.listed(types="credit_points"))["transactions"] == []
        assert (await brand.listed(types="credit_points,exchange"))["total_tx_count"] == 1

    @pytest.mark.parametrize(
        ("reading", "names"),
        [("transactions_total=", {"transactions"}), ("transactions_total=count", {"transactions", "count"})],
    )
    async def test_names_its_total_as_told(self, tmp_path: Path, reading: str, names: set[str]) -> None:
        async with opened(tmp_path / "qiibee.db", reading) as brand:
            assert (await brand.listed()).keys() == names


@pytest.mark.parametrize("trade", [{"rate": "0"}, {"rate": "x"}, {"rate": "-1"}, {"prepaid": -1}, {"processing": -1.0}])
def test_what_no_brand_could_agree_on_is_refused(trade: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Trade(**trade)


def test_exchanges_have_a_name_in_fault_plans() -> None:
    assert operation_of("/api/admin/transactions") == "transactions"
