"""A month that is closed says for ever what it said; what changes later is an adjustment of a later month."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from connector.domain.months import month_after, month_of
from connector.domain.reconciliation import Figures
from connector.errors import Misconfigured
from connector.jobs.closing import close
from connector.jobs.contracts import Partnership
from connector.store import integrity, suspense
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, CHECK_OUT, COLLECTOR, MEMBER, MM
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.reconciliation.accounting import TERMS, month, reconcile, today, together, told

MONTH = month_of(CHECK_OUT.date())


async def credited(desk: FrontDesk, partnership: Partnership) -> None:
    """Have a stay of net 200 credited."""
    hotel, program, number = ("montreal", "AM", COLLECTOR) if partnership.name == AM else ("wien", "MM", MEMBER)
    desk.member("g1", program, number)
    desk.stay(hotel=hotel)
    desk.charge("i1", 200, hotel=hotel)
    await desk.read(partnership)
    await desk.deliver(partnership)


def over(desk: FrontDesk) -> None:
    """Let the month of the stay end, and eleven days more."""
    desk.later(days=(month_after(MONTH) - today(desk)).days + 11)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_change_after_it_was_closed_is_an_adjustment(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    await credited(desk, am)
    over(desk)
    assert (await reconcile(desk, am)).written == 1
    closed = await told(desk, am)
    assert [(x.slot.period, x.closed, x.figures.given, x.figures.net) for x in closed] == [(MONTH, True, 10, 200)]
    desk.rebate("i2", 100, lowers="i1", hotel="montreal")
    await desk.read(am)
    await desk.deliver(am)
    assert at_airmiles.totals()["miles"] == 5
    first, later = await told(desk, am)
    assert first == closed[0]
    assert (later.slot.period, later.slot.adjustment, later.closed) == (month(desk), True, False)
    change = Figures(net=Decimal(-100), gross=Decimal("-110.0"), sent=15, acknowledged=5, reversed=10)
    assert later.figures == change
    assert (first.figures + later.figures).given == 5
    assert later.figures.cost(Decimal("0.12")) == Decimal("-0.60")
    days = await told(desk, am, by="day")
    assert [(x.slot.period, x.slot.adjustment) for x in days] == [(CHECK_OUT.date(), False), (today(desk), True)]
    assert await told(desk, am, by="day", first=today(desk)) == days[1:]
    assert await told(desk, am, first=month(desk)) == [later]
    assert await told(desk, am, last=MONTH) == [first]
    desk.later(days=45)
    assert (await reconcile(desk, am)).written == 1
    assert [(x.figures, x.slot, x.closed) for x in await told(desk, am)] == [
        (first.figures, first.slot, True),
        (later.figures, later.slot, True),
    ]
    assert (await reconcile(desk, am)).written == 0


async def test_it_keeps_the_price_that_a_mile_had(desk: FrontDesk, am: Partnership) -> None:
    await credited(desk, am)
    over(desk)
    await reconcile(desk, am)
    for by in ("day", "month"):
        (line,) = await told(desk, by=by)
        assert (line.price, line.closed) == (Decimal("0.12"), True)


async def test_it_is_closed_by_hand_when_it_is_over(desk: FrontDesk, am: Partnership) -> None:
    await credited(desk, am)
    with pytest.raises(Misconfigured, match="is not over"):
        await close(desk.chain(), TERMS, {}, month(desk), "anna")
    desk.later(days=32)
    assert await close(desk.chain(), TERMS, {}, MONTH, "anna") == [MONTH]
    assert await close(desk.chain(), TERMS, {}, MONTH, "anna") == []


async def test_a_stay_of_a_closed_month_that_is_awarded_late_is_an_adjustment(
    desk: FrontDesk, am: Partnership, mm: Partnership
) -> None:
    await credited(desk, am)
    over(desk)
    await reconcile(desk, am)
    desk.member("g2")
    desk.stay("r2", "g2")
    desk.charge("i2", 300, "r2")
    await desk.read(mm)
    late = [x for x in await told(desk, mm) if x.slot.partner == MM]
    assert [(x.slot.adjustment, x.slot.period, x.figures.stays) for x in late] == [(True, month(desk), 1)]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_miles_without_an_answer_are_a_case_until_they_have_one(
    desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
) -> None:
    at_uplyft.fault("lose,times=1")
    await credited(desk, mm)
    assert (await reconcile(desk, mm)).read == 0  # the month is not over
    over(desk)
    report = await reconcile(desk, mm)
    assert (report.read, report.written) == (1, 1)
    ((reason, sentence),) = await books.cases()
    assert reason == "difference"
    assert sentence.startswith(
        f"{MONTH:%Y-%m} at miles_and_more: 1 messages with 220 miles were sent and have no answer"
    )
    await desk.deliver(mm)
    desk.later(minutes=1)
    await reconcile(desk, mm)
    assert await books.cases() == []
    assert together(await told(desk, mm), MM).difference == 0


async def test_what_waits_long_is_looked_at_again(
    desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
) -> None:
    at_uplyft.fault("lose,times=1")
    await credited(desk, mm)
    far = desk.clock.moment + timedelta(days=9)
    async with desk.database.write() as connection:
        await connection.execute(text("UPDATE message SET due_at = :far"), {"far": far})
    desk.later(hours=23)
    await reconcile(desk, mm)
    await desk.deliver(mm)
    assert await books.states() == ["in_doubt"]
    desk.later(hours=2)
    await reconcile(desk, mm)
    await desk.deliver(mm)
    assert await books.states() == ["credited"]


async def test_a_check_finds_what_was_changed_behind_its_back(desk: FrontDesk, am: Partnership) -> None:
    await credited(desk, am)
    over(desk)
    await reconcile(desk, am)
    assert await integrity.examine(desk.database) == []
    async with desk.database.write() as connection:
        await connection.execute(text("UPDATE message SET miles = 11"))
    assert await integrity.examine(desk.database) == [
        f"ledger: {MONTH:%Y-%m} does not come to what it was closed with at air_miles, property e-montreal"
    ]


async def test_it_is_skipped_without_partners(desk: FrontDesk) -> None:
    assert (await reconcile(desk)).outcome == "skipped"
    async with desk.database.read() as connection:
        assert await suspense.count(connection) == 0
