"""Which taxes of what was charged a partner cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.taxes import taxed
from connector.sandbox.mews import edits
from tests.conftest import ENGINES
from tests.integration.earning.books import Counter
from tests.integration.earning.chain import air_miles, per_twenty_dollars
from tests.integration.earning.front_desk import FrontDesk, wire


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_taxes_are_those_of_charges_that_may_count_where_there_is_a_location(
    desk: FrontDesk, at_airmiles: Counter
) -> None:
    am: Partnership = air_miles(at_airmiles.airmiles(), contract={"rules": (per_twenty_dollars(items=frozenset()),)})
    nothing = await taxed(desk.database, am.contract, frozenset())
    assert (nothing.stored, nothing.unnamed) == (0, {})
    desk.guest("g1")
    edits.add(desk.state, "Services", {"Id": "s-montreal-restaurant", "EnterpriseId": "e-montreal"})
    for hotel, stay in (("montreal", "r1"), ("wien", "r2")):
        desk.stay(stay, hotel=hotel)
        desk.charge(f"room-{stay}", 200, stay, hotel)
    desk.charge("fee", 10, "r1", "montreal", Type="CityTax")
    desk.charge("free", 0, "r1", "montreal")
    now = wire(desk.state.now())
    dinner = {"ServiceId": "s-montreal-restaurant", "AccountId": "g1", "AccountType": "Customer", "State": "Processed"}
    linked = {"LinkedReservationId": "r1", "Number": "1", "CreatedUtc": now, "UpdatedUtc": now}
    edits.add(desk.state, "ProductServiceOrders", {"Id": "dinner", **dinner, **linked})
    desk.charge("steak", 40, "dinner", "montreal")
    await desk.read(am)
    found = await taxed(desk.database, am.contract, frozenset({"CA-QST"}))
    assert (found.stored, found.unnamed) == (3, {"CA-GST": 2})
    fees = replace(am.contract, rules=tuple(replace(each, items=frozenset({"CityTax"})) for each in am.contract.rules))
    assert (await taxed(desk.database, fees, frozenset())).unnamed == {"CA-GST": 1}
    assert (await taxed(desk.database, am.contract, frozenset({"CA-GST"}))).unnamed == {}
    everywhere = replace(am.contract, location_keys=None)
    assert (await taxed(desk.database, everywhere, frozenset())).unnamed == {"AT-10": 1, "CA-GST": 2}
