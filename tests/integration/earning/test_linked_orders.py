"""Restaurant, spa and the like: orders of their own, which count when staff link them to a reservation."""

from __future__ import annotations

from collections import Counter as Counted
from datetime import timedelta
from typing import Any

import pytest

from connector.jobs.contracts import Partnership
from connector.sandbox.faults import FaultPlan
from connector.sandbox.mews import edits
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    COLLECTOR,
    NOW,
    air_miles,
    miles_and_more,
    per_euro,
    per_twenty_dollars,
    uplyft_channel,
    uplyft_client,
)
from tests.integration.earning.front_desk import FrontDesk, wire

EVERYTHING: frozenset[str] = frozenset()  # the usual purchases


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES for all that is bought."""
    return air_miles(at_airmiles.airmiles(), contract={"rules": (per_twenty_dollars(items=EVERYTHING),), "rooms": 2})


def order(desk: FrontDesk, id_: str, linked: str | None = None, hotel: str = "montreal", **more: Any) -> None:
    """Enter an order of the restaurant."""
    now = wire(desk.state.now())
    body = {"ServiceId": f"s-{hotel}-restaurant", "AccountId": "g1", "AccountType": "Customer", "State": "Processed"}
    link = {"LinkedReservationId": linked} if linked else {}
    times = {"CreatedUtc": now, "UpdatedUtc": now}
    edits.add(desk.state, "ProductServiceOrders", {"Id": id_, "Number": id_, **body, **link, **times, **more})


def stay(desk: FrontDesk, *stays: str) -> None:
    """Enter a collector with stays of net 100, at a hotel that has a restaurant."""
    desk.member("g1", "AM", COLLECTOR)
    edits.add(desk.state, "Services", {"Id": "s-montreal-restaurant", "EnterpriseId": "e-montreal"})
    for each in stays:
        desk.stay(each, hotel="montreal")
        desk.charge(f"i-{each}", 100, each, hotel="montreal")


async def settled(desk: FrontDesk, *partnerships: Partnership) -> None:
    """Read and deliver until nothing is left."""
    for _ in range(3):
        await desk.read(*partnerships)
        await desk.deliver(*partnerships)


def net(at_airmiles: Counter) -> int:
    """Return what the partner holds in the end."""
    return sum(miles for _, miles in at_airmiles.given())


class TestALinkedOrder:
    async def test_counts_like_the_reservation(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        stay(desk, "r1")
        order(desk, "p1", "r1")
        desk.charge("dinner", 60, "p1", hotel="montreal", Type="ProductOrder")
        await settled(desk, am)
        assert at_airmiles.given() == [(COLLECTOR, 8)]
        assert await books.decisions(AM) == {"r1": ("awarded", "awarded")}

    async def test_brings_its_late_charges_and_rebates_along(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter
    ) -> None:
        stay(desk, "r1")
        order(desk, "p1", "r1")
        desk.charge("dinner", 60, "p1", hotel="montreal", Type="ProductOrder")
        await settled(desk, am)
        desk.rebate("less", 20, "dinner", "p1", hotel="montreal")
        await settled(desk, am)
        assert net(at_airmiles) == 7
        desk.charge("wine", 100, "p1", hotel="montreal", Type="ProductOrder")
        await settled(desk, am)
        assert net(at_airmiles) == 12

    async def test_that_is_linked_to_another_reservation_moves_its_miles(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        stay(desk, "r1", "r2")
        order(desk, "p1")
        desk.charge("dinner", 60, "p1", hotel="montreal", Type="ProductOrder")
        await settled(desk, am)
        assert net(at_airmiles) == 5 + 5
        for linked, miles in (("r1", [8, 5]), ("r2", [5, 8]), (None, [5, 5])):
            desk.edit("ProductServiceOrders", "p1", LinkedReservationId=linked)
            await settled(desk, am)
            assert net(at_airmiles) == sum(miles)
            held = await books.rows("SELECT root_id, miles FROM award ORDER BY root_id")
            assert held == list(zip(["r1", "r2"], miles, strict=True))


async def test_it_counts_only_where_the_rule_takes_its_items(desk: FrontDesk, at_airmiles: Counter) -> None:
    stay(desk, "r1")
    order(desk, "p1", "r1")
    desk.charge("dinner", 60, "p1", hotel="montreal", Type="ProductOrder")
    await settled(desk, air_miles(at_airmiles.airmiles()))
    assert net(at_airmiles) == 5


async def test_those_older_than_the_stream_are_fetched_by_the_stay(
    desk: FrontDesk, am: Partnership, at_airmiles: Counter
) -> None:
    long_ago = wire(NOW - timedelta(days=500))
    stay(desk, "r1")
    desk.edit("Reservations", "r1", CreatedUtc=long_ago)
    order(desk, "p1", "r1", CreatedUtc=long_ago, UpdatedUtc=long_ago)
    old = {"CreatedUtc": long_ago, "UpdatedUtc": long_ago, "ClosedUtc": long_ago}
    desk.charge("dinner", 60, "p1", hotel="montreal", Type="ProductOrder", **old)
    await settled(desk, am)
    assert net(at_airmiles) == 8


async def test_an_order_of_a_new_service_is_found_whenever_it_was_made(
    desk: FrontDesk, am: Partnership, at_airmiles: Counter
) -> None:
    stay(desk, "r1")
    await settled(desk, am)
    edits.add(desk.state, "Services", {"Id": "s-spa", "EnterpriseId": "e-montreal"})
    order(desk, "p1", "r1", ServiceId="s-spa")
    desk.charge("massage", 60, "p1", hotel="montreal", Type="ProductOrder")
    desk.later(minutes=30)
    await settled(desk, am)
    assert net(at_airmiles) == 5
    desk.later(minutes=30)
    await settled(desk, am)
    assert net(at_airmiles) == 8


async def test_an_order_that_cannot_be_read_is_a_case_until_it_can(desk: FrontDesk, books: Books) -> None:
    stay(desk, "r1")
    order(desk, "p1", "r1")
    desk.edit("ProductServiceOrders", "p1", LinkedReservationId=5)
    mm = miles_and_more(uplyft_channel(uplyft_client("http://127.0.0.1:9")))
    await desk.read(mm)
    assert [reason for reason, _ in await books.cases()] == ["unreadable"]
    desk.edit("ProductServiceOrders", "p1", LinkedReservationId="r1")
    await desk.read(mm)
    assert await books.cases() == []


async def test_they_cost_one_request_for_each_hotel_and_pass(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counted[str] = Counted()
    due = FaultPlan.due

    def counting(plan: FaultPlan, operation: str, method: str) -> Any:
        asked[operation] += 1
        return due(plan, operation, method)

    monkeypatch.setattr(FaultPlan, "due", counting)
    stay(desk, "r1")
    order(desk, "p1", "r1")
    mm = miles_and_more(uplyft_channel(uplyft_client("http://127.0.0.1:9")), contract={"rules": (per_euro(),)})
    for passes in (1, 2):
        await desk.read(mm)
        assert asked["productServiceOrders/getAll"] == 2 * passes
        assert asked["orderItems/getAll"] == 2 * passes
