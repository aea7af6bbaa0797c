"""A small chain of two properties in the simulator, spoken to as any client would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.mews.app import create_app
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.state import State

CHAIN = "chain-1"
LIMITATION = {"Count": 1000}


def enterprise(id_: str, table: str, currency: str) -> dict[str, Any]:
    return {
        "Id": id_,
        "ChainId": CHAIN,
        "Name": f"Hotel {table}",
        "TimeZoneIdentifier": "Europe/Vienna",
        "CreatedUtc": "2026-01-01T00:00:00Z",
        "UpdatedUtc": "2026-01-01T00:00:00Z",
        "LinkedUtc": "2026-01-01T00:00:00Z",
        "_Table": table,
        "_Currency": currency,
    }


def guest(id_: str, *, updated: str = "2026-03-01T12:00:00Z", **more: Any) -> dict[str, Any]:
    times = {"CreatedUtc": "2026-02-01T12:00:00Z", "UpdatedUtc": updated}
    names = {"FirstName": "Anna", "LastName": f"Guest{id_}", "Email": f"{id_}@example.com"}
    return {"Id": id_, "ChainId": CHAIN, "IsActive": True, "HasOtaEmail": False, **times, **names, **more}


def item(id_: str, enterprise_id: str, order: str, **more: Any) -> dict[str, Any]:
    amount = {"Currency": "EUR", "NetValue": 100.0, "GrossValue": 110.0, "TaxValues": [{"Value": 10.0}]}
    amounts = {"Amount": amount, "UnitAmount": amount, "OriginalAmount": amount}
    times = {"CreatedUtc": f"2026-03-0{id_[-1]}T00:00:00Z", "UpdatedUtc": f"2026-03-0{id_[-1]}T00:00:00Z"}
    return {"Id": id_, "EnterpriseId": enterprise_id, "ServiceOrderId": order, **amounts, **times, **more}


def reservation(id_: str, service: str, account: str) -> dict[str, Any]:
    return {
        "Id": id_,
        "ServiceId": service,
        "AccountId": account,
        "Number": id_,
        "State": "Processed",
        "CreatedUtc": "2026-03-01T00:00:00Z",
        "UpdatedUtc": "2026-03-05T00:00:00Z",
        "ScheduledStartUtc": "2026-03-02T14:00:00Z",
        "ScheduledEndUtc": "2026-03-04T10:00:00Z",
    }


def records() -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            "Reservations",
            reservation("stay-w", "service-w", "g1"),
        ),  # before its service: order must not matter
        ("Reservations", reservation("stay-m", "service-m", "g2")),
        ("Enterprises", enterprise("hotel-w", "wien", "EUR")),
        ("Enterprises", enterprise("hotel-m", "montreal", "CAD")),
        ("Services", {"Id": "service-w", "EnterpriseId": "hotel-w", "Data": {"Discriminator": "Bookable"}}),
        ("Services", {"Id": "service-m", "EnterpriseId": "hotel-m", "Data": {"Discriminator": "Bookable"}}),
        *(("Customers", guest(f"g{number}")) for number in range(1, 4)),
        ("Customers", guest("gone", IsActive=False)),
        *(("OrderItems", item(f"item-w{number}", "hotel-w", "stay-w")) for number in range(1, 6)),
        ("OrderItems", item("item-m1", "hotel-m", "stay-m")),
        ("Bills", {"Id": "bill-w", "EnterpriseId": "hotel-w", "AccountId": "g1", "State": "Closed"}),
        ("ExchangeRates", _rate("rate-w", "hotel-w")),
        ("LoyaltyPrograms", _program("alpen", "ALPEN")),
        ("LoyaltyPrograms", _program("miles", "MM")),
        (
            "LoyaltyTiers",
            {"Id": "gold", "LoyaltyProgramId": "alpen", "Name": "Gold", "Code": "GOLD", "Ordering": 2},
        ),
        ("LoyaltyMemberships", _membership("m1", "g1", "miles", "2026-03-01T00:00:00Z")),
    ]


def _rate(id_: str, enterprise_id: str) -> dict[str, Any]:
    pair = {"SourceCurrency": "EUR", "TargetCurrency": "CAD", "Value": 1.5}
    return {"Id": id_, "EnterpriseId": enterprise_id, **pair}


def _program(id_: str, code: str) -> dict[str, Any]:
    words = {"Name": code.title(), "Code": code, "Type": "Hotel", "Subscription": "Free"}
    return {"Id": id_, "ChainId": CHAIN, **words}


def _membership(id_: str, account: str, program: str, entered: str) -> dict[str, Any]:
    staff = {"Discriminator": "Personal"}
    body = {
        "Id": id_,
        "ChainId": CHAIN,
        "AccountId": account,
        "LoyaltyProgramId": program,
        "State": "Enrolled",
    }
    signed = {
        "IsPrimary": True,
        "CreatorProfile": staff,
        "UpdaterProfile": staff,
        "MembershipNumber": "992000001",
    }
    return {**body, **signed, "_CreatedUtc": entered, "_UpdatedUtc": entered}


class Desk:
    """A client of the simulator with one access token."""

    def __init__(self, client: httpx.AsyncClient, state: State, token: str = "sandbox-access-wien") -> None:
        self.client = client
        self.state = state
        self.token = token

    def with_token(self, token: str) -> Desk:
        return Desk(self.client, self.state, token)

    async def post(self, operation: str, **body: Any) -> httpx.Response:
        tokens = {"ClientToken": "sandbox-client", "AccessToken": self.token, "Client": "Test 1.0.0"}
        return await self.client.post(f"/api/connector/v1/{operation}", json={**tokens, **body})

    async def ask(self, operation: str, **body: Any) -> dict[str, Any]:
        answer = await self.post(operation, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refusal(self, operation: str, **body: Any) -> tuple[int, str]:
        answer = await self.post(operation, **body)
        assert set(answer.json()) == {"Message", "RequestId"}
        return answer.status_code, answer.json()["Message"]

    async def ids(self, operation: str, **body: Any) -> list[str]:
        found = await self.ask(operation, **({"Limitation": LIMITATION} | body))
        return [record["Id"] for record in next(iter(found.values()))]

    async def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(f"/_sandbox/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Callable[..., Desk]]:
    opened: list[Desk] = []

    def make(limit: Limit | None = None) -> Desk:
        app = create_app(tmp_path / "mews.db", limit=limit)
        state: State = app.state.simulator.state
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")
        opened.append(Desk(client, state))
        return opened[-1]

    yield make
    for desk in opened:
        await desk.client.aclose()
        desk.state.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    opened = open_desk()
    opened.state.load(records())
    return opened
