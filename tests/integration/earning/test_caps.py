"""Caps that the stays of a member share: by the day and by the year of departure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.forecasting import outlook
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    CHECK_OUT,
    COLLECTOR,
    MM,
    air_miles,
    miles_and_more,
    per_euro,
    per_twenty_dollars,
)
from tests.integration.earning.front_desk import FrontDesk, wire

OTHER = "992000000000004"


def with_rule(partnership: Partnership, **terms: Any) -> Partnership:
    return replace(partnership, contract=replace(partnership.contract, rules=(per_euro(**terms),), rooms=9))


def stay(desk: FrontDesk, name: str, net: float, **more: Any) -> None:
    """Check a guest out whose room cost this much before ten percent of tax."""
    desk.stay(name, **more)
    desk.charge(f"i-{name}", net, name)


def left(**ago: float) -> dict[str, str]:
    """Return the times of a stay that ended so long before the usual one."""
    end = CHECK_OUT - timedelta(**ago)
    return {"ScheduledStartUtc": wire(end - timedelta(days=1)), "ScheduledEndUtc": wire(end), "ActualEndUtc": wire(end)}


async def awarded(books: Books) -> dict[str, int]:
    return dict(await books.rows("SELECT root_id, miles FROM award"))  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestACapPerDay:
    async def test_holds_for_the_stays_of_one_pass_together(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.member("g2", number=OTHER)
        for name in ("r1", "r2", "r3"):
            stay(desk, name, 100)
        stay(desk, "r4", 100, guest="g2")
        stay(desk, "r5", 100, **left(days=1))
        await desk.read(with_rule(mm, cap_day=150))
        assert await awarded(books) == {"r1": 110, "r2": 40, "r4": 110, "r5": 110}
        assert (await books.decisions(MM))["r3"] == ("excluded", "over_cap")

    async def test_counts_what_earlier_passes_gave_whoever_holds_the_number(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.member("g2")
        stay(desk, "r1", 100)
        capped = with_rule(mm, cap_day=150)
        await desk.read(capped)
        stay(desk, "r2", 100, guest="g2")
        await desk.read(capped)
        assert await awarded(books) == {"r1": 110, "r2": 40}


class TestACorrection:
    async def test_of_one_award_leaves_the_others_and_makes_room_for_new_stays(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        stay(desk, "r1", 100)
        stay(desk, "r2", 100)
        capped = with_rule(mm, cap_day=150)
        await desk.read(capped)
        desk.rebate("i-less", 50, lowers="i-r1", stay="r1")
        desk.charge("i-more", 1, "r2")
        await desk.read(capped)
        assert await awarded(books) == {"r1": 55, "r2": 40}
        stay(desk, "r3", 100)
        await desk.read(capped)
        assert await awarded(books) == {"r1": 55, "r2": 40, "r3": 55}

    async def test_of_one_award_counts_for_the_next_in_the_same_pass(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        stay(desk, "r1", 100)
        capped = with_rule(mm, cap_day=150)
        await desk.read(capped)
        desk.charge("i-late", 20, "r1")
        stay(desk, "r2", 100)
        await desk.read(capped)
        assert await awarded(books) == {"r1": 132, "r2": 18}

    async def test_stays_below_the_cap_of_the_rules_that_it_was_decided_by(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        stay(desk, "r1", 100)
        stay(desk, "r2", 100)
        await desk.read(with_rule(mm, cap_day=150))
        desk.charge("i-late", 100, "r2")
        await desk.read(mm)
        assert await awarded(books) == {"r1": 110, "r2": 40}

    async def test_reverses_what_the_cap_left_and_nothing_of_another_stay(
        self, desk: FrontDesk, at_airmiles: Counter
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        am = air_miles(at_airmiles.airmiles(), contract={"rules": (per_twenty_dollars(cap_day=15),), "rooms": 2})
        for name in ("r1", "r2"):
            desk.stay(name, hotel="montreal")
            desk.charge(f"i-{name}", 200, name, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        assert sorted(at_airmiles.given()) == [(COLLECTOR, 5), (COLLECTOR, 10)]
        desk.rebate("i-less", 160, lowers="i-r2", stay="r2", hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        await desk.deliver(am)
        assert sorted(at_airmiles.given()) == [(COLLECTOR, -5), (COLLECTOR, 2), (COLLECTOR, 5), (COLLECTOR, 10)]


async def test_a_cap_per_year_counts_departures_and_not_decisions(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.member()
    stay(desk, "r1", 100, **left(days=9))
    stay(desk, "r2", 100)
    await desk.read(with_rule(mm, cap_year=150))
    same_year = (CHECK_OUT - timedelta(days=9)).year == CHECK_OUT.year
    assert await awarded(books) == {"r1": 110, "r2": 40 if same_year else 110}


async def test_more_than_is_left_earns_nothing_where_the_rule_refuses(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.member()
    for name, net in (("r1", 100), ("r2", 100), ("r3", 30)):
        stay(desk, name, net)
    await desk.read(with_rule(mm, cap_day=150, over_cap="refuse"))
    assert await awarded(books) == {"r1": 110, "r3": 33}
    assert (await books.decisions(MM))["r2"] == ("excluded", "over_cap")


async def test_a_preview_counts_the_stays_of_its_period(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    desk.member()
    for name in ("r1", "r2"):
        stay(desk, name, 100)
    stay(desk, "r3", 100, **left(days=3))
    await desk.read(with_rule(mm))
    day, now = CHECK_OUT.date(), desk.clock.now()
    capped, yearly = with_rule(mm, cap_day=150), with_rule(mm, cap_year=200)
    found = await outlook(desk.database, (day, day), [capped], [with_rule(mm)], now, 10)
    assert (found.present[MM].total.miles, found.other[MM].total.miles) == (150, 220)
    found = await outlook(desk.database, (day - timedelta(days=3), day), [yearly], None, now, 10)
    assert found.present[MM].total.miles == (200 if (day - timedelta(days=3)).year == day.year else 310)
    assert await awarded(books) == {"r1": 110, "r2": 110, "r3": 110}


async def test_what_the_partner_refused_leaves_room(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    desk.member()
    stay(desk, "r1", 100)
    mm = miles_and_more(at_uplyft.uplyft(), contract={"rules": (per_euro(cap_day=150),), "rooms": 2})
    await desk.read(mm)
    async with desk.database.write() as connection:
        await connection.exec_driver_sql("UPDATE message SET state = 'refused'")
    stay(desk, "r2", 100)
    await desk.read(mm)
    assert await awarded(books) == {"r1": 110, "r2": 110}
