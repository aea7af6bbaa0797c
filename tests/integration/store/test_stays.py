from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import OrderItem, Reservation
from connector.store import decisions, stays
from connector.store.engine import Database
from tests.integration.store.makers import DAY, HOUR, NOW, item, place, reservation

LONG_AGO = NOW - 999 * DAY


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def save(connection: AsyncConnection, *records: Reservation | OrderItem) -> None:
    found = [each for each in records if isinstance(each, Reservation)]
    await stays.save_reservations(connection, found, LONG_AGO, NOW)
    await stays.save_items(connection, [each for each in records if isinstance(each, OrderItem)])


async def dirty(connection: AsyncConnection) -> list[str]:
    return await decisions.to_decide(connection, ["partner"], NOW, "", 100)


async def settled(connection: AsyncConnection, *records: Reservation | OrderItem) -> None:
    await save(connection, *records)
    await decisions.are_decided(connection, ["r1", "r2"])
    assert await dirty(connection) == []


async def test_a_property_comes_back_as_it_was_saved(connection: AsyncConnection) -> None:
    later = replace(place(), name="Hotel Wien Mitte", day_offset=timedelta(hours=2))
    await stays.save_property(connection, place(), "chain", NOW - 9 * DAY, ["s1", "s2"], NOW)
    await stays.save_property(connection, later, "chain", NOW - 9 * DAY, ["s2"], NOW + HOUR)
    assert await stays.properties(connection) == {"wien": later}
    assert await stays.services(connection) == {"s1": "wien", "s2": "wien"}


async def test_the_chain_began_with_its_oldest_property(connection: AsyncConnection) -> None:
    assert await stays.chain_began(connection) is None
    await stays.save_property(connection, place(), "chain", NOW - 9 * DAY, [], NOW)
    await stays.save_property(connection, place(id="montreal", table="montreal"), "chain", NOW - 5 * DAY, [], NOW)
    assert await stays.chain_began(connection) == NOW - 9 * DAY


async def test_exchange_rates_come_back_exactly(connection: AsyncConnection) -> None:
    rates = {("CZK", "EUR"): Decimal("0.0400"), ("EUR", "CZK"): Decimal("25.123456789")}
    await stays.save_rates(connection, "wien", rates)
    assert await stays.rates(connection, ["wien", "montreal"]) == {"wien": rates, "montreal": {}}


async def test_a_reservation_and_its_items_come_back_as_they_were_saved(connection: AsyncConnection) -> None:
    booked = reservation(booker_id="booker", channel_number="BDC-1", actual_end=NOW - 20 * HOUR)
    bill = [item("i1"), item("i2", lowers_id="i1", net=Decimal("-1.10"), closed=NOW)]
    await save(connection, booked, *bill)
    assert await stays.reservations(connection, ["r1", "stranger"]) == [booked]
    assert await stays.items_of(connection, ["r1", "stranger"]) == {"r1": bill}


async def test_a_new_checked_out_stay_is_to_be_decided(connection: AsyncConnection) -> None:
    await save(connection, reservation("r1"), reservation("r2", state="Started"))
    assert await dirty(connection) == ["r1"]


async def test_a_reservation_read_again_without_a_change_is_not(connection: AsyncConnection) -> None:
    await settled(connection, reservation(), item("i1"))
    await save(connection, reservation(), item("i1"))
    assert await dirty(connection) == []


@pytest.mark.parametrize("change", [{"rate_id": "other"}, {"state": "Canceled"}, {"updated": NOW}])
async def test_a_changed_reservation_is_to_be_decided_again(
    connection: AsyncConnection, change: dict[str, object]
) -> None:
    await settled(connection, reservation(), reservation("r2", account_id="another guest"))
    await save(connection, reservation(**change))
    assert await dirty(connection) == ["r1"]


async def test_a_change_not_yet_decided_is_not_forgotten_by_a_second_read(connection: AsyncConnection) -> None:
    await settled(connection, reservation())
    await save(connection, reservation(rate_id="other"))
    await save(connection, reservation(rate_id="other"))
    assert await dirty(connection) == ["r1"]


@pytest.mark.parametrize("changed", [item("new"), item("i1", gross=Decimal("99.00")), item("i1", state="Open")])
async def test_a_new_or_changed_item_makes_its_stay_to_be_decided(
    connection: AsyncConnection, changed: OrderItem
) -> None:
    await settled(connection, reservation(), reservation("r2"), item("i1"), item("i2", "r2"))
    await save(connection, changed)
    assert await dirty(connection) == ["r1"]


async def test_an_item_may_come_before_its_reservation(connection: AsyncConnection) -> None:
    await save(connection, item("i1"))
    await save(connection, reservation())
    assert await stays.items_of(connection, ["r1"]) == {"r1": [item("i1")]}


async def test_a_stay_seen_checked_out_stays_in_view_when_it_is_taken_back(connection: AsyncConnection) -> None:
    await settled(connection, reservation())
    await save(connection, reservation(state="Started"))
    assert await dirty(connection) == ["r1"]


async def test_an_unreadable_item_is_kept_as_such_and_makes_its_stay_to_be_decided(
    connection: AsyncConnection,
) -> None:
    await settled(connection, reservation(), item("i1"))
    await stays.save_unreadable_items(connection, {"i1": "r1", "i2": "r1"}, NOW)
    assert await stays.items_of(connection, ["r1"]) == {"r1": [None, None]}
    assert await dirty(connection) == ["r1"]


async def test_an_item_that_can_be_read_again_is_whole(connection: AsyncConnection) -> None:
    await save(connection, reservation())
    await stays.save_unreadable_items(connection, {"i1": "r1"}, NOW)
    await decisions.are_decided(connection, ["r1"])
    await save(connection, item("i1"))
    assert await stays.items_of(connection, ["r1"]) == {"r1": [item("i1")]}
    assert await dirty(connection) == ["r1"]


async def test_a_stay_made_before_items_were_read_waits_for_its_items(connection: AsyncConnection) -> None:
    early, late = reservation("r1", created=NOW - 30 * DAY), reservation("r2", created=NOW - 2 * DAY)
    await stays.save_reservations(connection, [early, late], NOW - 3 * DAY, NOW)
    assert await dirty(connection) == ["r2"]
    assert await stays.without_items(connection, ["wien"], 10) == ["r1"]
    assert await stays.without_items(connection, ["montreal"], 10) == []
    await stays.items_are_complete(connection, ["r1"])
    assert await dirty(connection) == ["r1", "r2"]
    assert await stays.without_items(connection, ["wien"], 10) == []


async def test_a_stay_is_found_by_any_of_its_names(connection: AsyncConnection) -> None:
    await save(connection, reservation(channel_number="BDC-1"), reservation("r2", channel_number="BDC-1"))
    assert await stays.find(connection, "r1") == ["r1"]
    assert await stays.find(connection, "no-r2") == ["r2"]
    assert sorted(await stays.find(connection, "BDC-1")) == ["r1", "r2"]
    assert await stays.find(connection, "nobody") == []
