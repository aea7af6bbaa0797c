"""Product service orders of more services than Mews takes in one request."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from connector.domain.stays import ProductOrder
from connector.mews.client import Mews
from connector.mews.orders import ProductOrders
from connector.mews.times import Interval

WEEK = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC))
SERVICES = [f"s{number:04}" for number in range(1001)]


@pytest.fixture
def asked(network: respx.MockRouter) -> list[dict[str, Any]]:
    """What was asked: a full page of one service's orders, the last one of another's."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        bodies.append(body)
        if "s0000" not in body["ServiceIds"]:
            return found(["last"], None)
        goes_on = "Cursor" in body["Limitation"]
        return found(["p1000"], None) if goes_on else found([f"p{number}" for number in range(1000)], "p999")

    network.post("/productServiceOrders/getAll").mock(side_effect=answer)
    return bodies


def found(ids: list[str], cursor: str | None) -> httpx.Response:
    orders = [{"Id": each, "LinkedReservationId": f"r-{each}"} for each in ids]
    return httpx.Response(200, json={"ProductServiceOrders": orders, "Cursor": cursor})


async def test_are_walked_part_by_part(mews: Mews, asked: list[dict[str, Any]]) -> None:
    pages = [page async for page in ProductOrders(mews, SERVICES).updated(WEEK, None)]
    assert [(len(page.records), page.cursor, page.last) for page in pages] == [
        (1000, "0:p999", False),
        (1, "1:", False),
        (1, None, True),
    ]
    assert pages[-1].records == [ProductOrder("last", "r-last")]
    assert [len(body["ServiceIds"]) for body in asked] == [1000, 1000, 1]


@pytest.mark.parametrize(("mark", "first"), [("0:p999", "p1000"), ("1:", "last")])
async def test_go_on_from_a_mark(mews: Mews, asked: list[dict[str, Any]], mark: str, first: str) -> None:
    pages = [page async for page in ProductOrders(mews, SERVICES).updated(WEEK, mark)]
    assert pages[0].records[0].id == first
    assert pages[-1].records[0].id == "last"


async def test_are_asked_for_by_reservation_in_every_part(mews: Mews, asked: list[dict[str, Any]]) -> None:
    orders = [one.id async for page in ProductOrders(mews, SERVICES).linked_to(["r1"]) for one in page.records]
    assert len(orders) == 1002
    assert {tuple(body["LinkedReservationIds"]) for body in asked} == {("r1",)}


async def test_without_services_nothing_is_asked(mews: Mews, asked: list[dict[str, Any]]) -> None:
    assert [page async for page in ProductOrders(mews, []).linked_to(["r1"])] == []
    assert asked == []
