"""What a shadow would have said of a period."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store.rehearsed import credits_between
from tests.conftest import ENGINES
from tests.integration.earning.books import Counter
from tests.integration.earning.chain import AM, CHECK_OUT, COLLECTOR, air_miles
from tests.integration.earning.front_desk import FrontDesk

DAY = CHECK_OUT.date()


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_is_the_newest_credit_of_each_award_that_still_earns(desk: FrontDesk, at_airmiles: Counter) -> None:
    am = air_miles(at_airmiles.airmiles(), mode="shadow", contract={"rooms": 2})
    desk.member("g1", "AM", COLLECTOR)
    for stay in ("r1", "r2"):
        desk.stay(stay, hotel="montreal")
        desk.charge(f"i-{stay}", 200, stay, "montreal")
    await desk.read(am)
    await desk.deliver(am)
    desk.rebate("z", 100, "i-r1", "r1", "montreal")
    desk.edit("Reservations", "r2", State="Canceled")
    await desk.read(am)
    await desk.deliver(am)
    async with desk.database.read() as connection:
        found = await credits_between(connection, AM, DAY, DAY)
        assert [(each.reservation_id, each.miles) for each in found] == [("r1", 5)]
        assert await credits_between(connection, AM, DAY + timedelta(days=1), DAY + timedelta(days=9)) == []
        assert await credits_between(connection, "other", DAY, DAY) == []
