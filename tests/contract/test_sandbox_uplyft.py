"""The Uplyft simulator against requests written by hand from the published examples."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.uplyft.application import create_app
from connector.sandbox.uplyft.schema import Form

FLAT = """
mutation {
  createEvent(
    appId: "sandbox-app"
    walletAddress: "9920 0123 4567 894"
    baselineReward: {amount: 10, currency: milesandmore}
    businessValue: {amount: 10, currency: eur}
    action: purchase
    objects: [{id: "12345", type: product, name: "A room"}]
  )
}
"""
TRANSACTION = """
mutation Credit($card: String!, $miles: Int!, $value: FiatValue!, $objects: [Object]!, $id: String) {
  createEvent(
    businessValue: $value
    action: purchase
    objects: $objects
    tags: ["hotel"]
    labels: [{name: "property", value: "wien"}]
    transaction: {walletAddress: $card, baselineReward: {amount: $miles, currency: milesandmore}}
    uniqueId: $id
  )
}
"""
VARIABLES = {
    "card": "992001234567894",
    "miles": 231,
    "value": {"amount": 231.4, "currency": "eur"},
    "objects": [{"id": "R-1", "type": "product", "name": "A room"}],
    "id": "receipt-1",
}
BOOKED = {"data": {"createEvent": True}}
Open = Callable[[Form], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def uplyft(tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(form: Form) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(tmp_path / "uplyft.db", form=form)
        signed = ("sandbox-app", "sandbox-production-secret")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://uplyft", auth=signed) as client:
            yield client
        app.state.journal.close()

    return opened


@pytest.mark.parametrize("form", [Form.FLAT, Form.BOTH])
async def test_the_guide_s_flat_example_books_its_ten_miles(uplyft: Open, form: Form) -> None:
    async with uplyft(form) as client:
        answer = await client.post("/", json={"query": FLAT})
        (credit,) = (await client.get("/_sandbox/credits")).json()
    assert (answer.status_code, answer.json()) == (200, BOOKED)
    assert (credit["member"], credit["miles"], credit["reference"]) == ("992001234567894", 10, "12345")


@pytest.mark.parametrize("form", [Form.TRANSACTION, Form.BOTH])
async def test_the_developer_documentation_s_form_books_with_variables(uplyft: Open, form: Form) -> None:
    async with uplyft(form) as client:
        answer = await client.post("/", json={"query": TRANSACTION, "variables": VARIABLES})
        (credit,) = (await client.get("/_sandbox/credits")).json()
    assert answer.json() == BOOKED
    assert (credit["key"], credit["miles"], credit["kind"]) == ("receipt-1", 231, "credit")


async def test_without_a_transaction_an_event_is_for_analytics_only(uplyft: Open) -> None:
    event = "businessValue: {amount: 10, currency: eur}, action: purchase, objects: [null]"
    async with uplyft(Form.TRANSACTION) as client:
        answer = await client.post("/", json={"query": f"mutation {{ createEvent({event}) }}"})
        credits_ = (await client.get("/_sandbox/credits")).json()
        totals = (await client.get("/_sandbox/totals")).json()
    assert answer.json() == BOOKED
    assert credits_ == []
    assert (totals["miles"], totals["without_miles"]) == (0, 1)


async def test_the_flat_form_takes_a_unique_id_too(uplyft: Open) -> None:
    query = FLAT.replace("action:", 'uniqueId: "receipt-2", action:')
    async with uplyft(Form.FLAT) as client:
        answers = [(await client.post("/", json={"query": query})).json() for _ in range(2)]
        totals = (await client.get("/_sandbox/totals")).json()
    assert answers == [BOOKED, BOOKED]
    assert (totals["credits"], totals["miles"], totals["duplicates_answered"]) == (1, 10, 1)


@pytest.mark.parametrize(("form", "query"), [(Form.TRANSACTION, FLAT), (Form.FLAT, TRANSACTION)])
async def test_the_other_form_is_an_error_with_status_200(uplyft: Open, form: Form, query: str) -> None:
    async with uplyft(form) as client:
        answer = await client.post("/", json={"query": query, "variables": VARIABLES})
        totals = (await client.get("/_sandbox/totals")).json()
    assert answer.status_code == 200
    assert "createEvent" in answer.json()["errors"][0]["message"]
    assert "data" not in answer.json()
    assert totals["credits"] == 0


async def test_the_signature_can_be_introspected(uplyft: Open) -> None:
    query = '{ __type(name: "Mutation") { fields { name type { name } args { name } } } }'
    async with uplyft(Form.TRANSACTION) as client:
        data: dict[str, Any] = (await client.post("/", json={"query": query})).json()["data"]
    (field,) = data["__type"]["fields"]
    assert (field["name"], field["type"]["name"]) == ("createEvent", "Boolean")
    assert {argument["name"] for argument in field["args"]} == {
        "businessValue", "action", "objects", "tags", "labels", "transaction", "uniqueId"
    }  # fmt: skip
