"""Who pays and whether it is paid, read from the bills at the desk."""

from __future__ import annotations

from collections import Counter as Counted
from datetime import timedelta
from typing import Any

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.resync import resync
from connector.mews.times import Interval
from connector.partners.uplyft import Uplyft
from connector.sandbox.faults import FaultPlan
from connector.sandbox.mews import edits
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    COLLECTOR,
    MM,
    NOW,
    air_miles,
    miles_and_more,
    uplyft_channel,
    uplyft_client,
)
from tests.integration.earning.front_desk import FrontDesk, wire


@pytest.fixture
def channel() -> Uplyft:
    return uplyft_channel(uplyft_client("http://127.0.0.1:9"))


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES, which takes miles back, for what the collector pays."""
    return air_miles(at_airmiles.airmiles(), contract={"who_pays": "guest"})


def bill(desk: FrontDesk, id_: str, account: str, **more: Any) -> None:
    now = wire(desk.state.now())
    body = {
        "EnterpriseId": more.pop("hotel", "e-wien"),
        "AccountType": "Customer",
        "State": "Closed",
        "Type": "Receipt",
    }
    times = {"CreatedUtc": now, "UpdatedUtc": now, "CorrectionState": "Bill"}
    edits.add(desk.state, "Bills", {"Id": id_, "AccountId": account, **body, **times, **more})


def only_the_guest(channel: Uplyft) -> Partnership:
    return miles_and_more(channel, contract={"who_pays": "guest"})


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_only_what_stands_on_the_guests_bill_counts(desk: FrontDesk, books: Books, channel: Uplyft) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    desk.charge("i2", 50, BillId="b2")
    bill(desk, "b1", "g1")
    bill(desk, "b2", "firm", AccountType="Company")
    await desk.read(only_the_guest(channel))
    assert await books.messages() == [("credit", 1, 110, "ready")]


async def test_an_item_moved_to_a_firms_bill_takes_its_miles_along(
    desk: FrontDesk, books: Books, channel: Uplyft
) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    desk.charge("i2", 50, BillId="b1")
    bill(desk, "b1", "g1")
    bill(desk, "b2", "firm", AccountType="Company")
    await desk.read(only_the_guest(channel))
    desk.edit("OrderItems", "i2", BillId="b2")
    await desk.read(only_the_guest(channel))
    assert await books.messages() == [("credit", 1, 165, "superseded"), ("credit", 2, 110, "ready")]


async def test_a_bill_of_a_profile_that_was_merged_into_the_guest_is_the_guests(
    desk: FrontDesk, books: Books, channel: Uplyft
) -> None:
    desk.member()
    desk.guest("g0")
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    bill(desk, "b1", "g0")
    desk.merge("g0", "g1")
    await desk.read(only_the_guest(channel))
    assert await books.messages() == [("credit", 1, 110, "ready")]


async def test_an_invoice_that_is_paid_later_releases_the_award(desk: FrontDesk, books: Books, channel: Uplyft) -> None:
    paid = miles_and_more(channel, contract={"require_paid": True})
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    bill(desk, "b1", "g1", Type="Invoice")
    await desk.read(paid)
    assert await books.decisions(MM) == {"r1": ("waiting", "unpaid_bill")}
    desk.edit("Bills", "b1", PaidUtc=wire(desk.state.now()))
    desk.later(days=1)
    await desk.read(paid)
    assert await books.messages() == [("credit", 1, 110, "ready")]


async def credited(desk: FrontDesk, am: Partnership) -> None:
    """Have a stay of net 200, all on the guest's bill, credited with 10 miles."""
    desk.member("g1", "AM", COLLECTOR)
    desk.stay(hotel="montreal")
    desk.charge("i1", 100, hotel="montreal", BillId="b1")
    desk.charge("i2", 100, hotel="montreal", BillId="b2")
    bill(desk, "b1", "g1", hotel="e-montreal")
    bill(desk, "b2", "g1", hotel="e-montreal")
    await desk.read(am)
    await desk.deliver(am)


async def settled(desk: FrontDesk, *partnerships: Partnership) -> None:
    """Read and deliver until nothing is left."""
    for _ in range(3):
        await desk.read(*partnerships)
        await desk.deliver(*partnerships)


class TestAfterTheAward:
    async def test_a_bill_that_a_firm_takes_over_takes_its_miles_along(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am)
        desk.edit("Bills", "b2", AccountId="firm", AccountType="Company")
        await settled(desk, am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 5)]
        assert await books.decisions(AM) == {"r1": ("awarded", "awarded")}

    async def test_a_change_that_moved_no_time_is_found_by_reading_the_bills_again(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am)
        desk.later(hours=1)
        await settled(desk, am)
        before = wire(NOW)
        desk.edit("Bills", "b2", AccountId="firm", UpdatedUtc=before, _UpdatedUtc=before)
        await settled(desk, am)
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        period = Interval(NOW - timedelta(days=1), NOW + timedelta(days=1))
        found = await resync(desk.chain(), "bills", period, "montreal")
        assert [(each.read, each.differing) for each in found.done] == [(2, 1)]
        await settled(desk, am)
        assert sum(miles for _, miles in at_airmiles.given()) == 5

    async def test_whose_bills_count_stays_as_the_first_decision_had_it(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am)
        anybody = air_miles(am.channel, contract={"rooms": 2})
        desk.charge("i3", 400, hotel="montreal", BillId="b3")
        bill(desk, "b3", "firm", AccountType="Company", hotel="e-montreal")
        await settled(desk, anybody)
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        assert await books.decisions(AM) == {"r1": ("awarded", "awarded")}
        desk.charge("i4", 100, hotel="montreal", BillId="b4")
        bill(desk, "b4", "g1", hotel="e-montreal")
        desk.stay("r2", hotel="montreal")
        desk.charge("i5", 400, "r2", hotel="montreal", BillId="b3")
        await settled(desk, anybody)
        assert sum(miles for _, miles in at_airmiles.given()) == 15 + 20

    async def test_a_contract_that_asks_later_changes_no_award(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, air_miles(am.channel))
        desk.edit("Bills", "b2", AccountId="firm")
        desk.charge("i3", 100, hotel="montreal", BillId="b2")
        await settled(desk, am)
        assert sum(miles for _, miles in at_airmiles.given()) == 15


async def test_a_merge_makes_the_bill_of_another_the_guests(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    desk.member("g1", "AM", COLLECTOR)
    desk.guest("g0")
    desk.guest("g2")
    desk.stay(hotel="montreal")
    desk.charge("i1", 100, hotel="montreal", BillId="b1")
    bill(desk, "b1", "g0", hotel="e-montreal")
    await settled(desk, am)
    assert await books.decisions(AM) == {"r1": ("excluded", "paid_by_another")}
    desk.merge("g0", "g2")
    desk.later(hours=1)
    await settled(desk, am)
    assert at_airmiles.given() == []
    desk.merge("g2", "g1")
    await settled(desk, am)
    assert at_airmiles.given() == [(COLLECTOR, 5)]


async def test_the_booker_of_a_firm_earns_what_stands_on_the_bookers_bill(
    desk: FrontDesk, books: Books, channel: Uplyft
) -> None:
    desk.member("g1")
    desk.stay(guest="firm", AccountType="Company", BookerId="g1")
    desk.charge("i1", 100, BillId="b1")
    desk.charge("i2", 50, BillId="b2")
    bill(desk, "b1", "firm", AccountType="Company")
    bill(desk, "b2", "g1")
    await desk.read(miles_and_more(channel, contract={"who_pays": "guest", "earner": "booker"}))
    assert await books.messages() == [("credit", 1, 55, "ready")]


class TestATokenThatMayNotReadBills:
    async def test_of_a_portfolio_sends_its_stays_to_a_person_until_their_property_has_its_own(
        self, desk: FrontDesk, books: Books, channel: Uplyft
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100, BillId="b1")
        bill(desk, "b1", "g1")
        await desk.read(only_the_guest(channel), chain=desk.portfolio())
        assert await books.decisions(MM) == {"r1": ("suspended", "bill_unreadable")}
        ((_, text),) = await books.cases()
        assert text.endswith("give their property an access token of its own")
        desk.later(days=1)
        await desk.read(only_the_guest(channel), chain=desk.portfolio("wien"))
        assert await books.messages() == [("credit", 1, 110, "ready")]
        assert await books.cases() == []

    async def test_holds_up_no_partner_that_does_not_ask(self, desk: FrontDesk, books: Books, channel: Uplyft) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100, BillId="b1")
        bill(desk, "b1", "g1")
        desk.fault("bills/getAll=401")
        other = miles_and_more(channel, contract={"name": "other"})
        assert (await desk.read(only_the_guest(channel), other)).error == ""
        assert await books.decisions(MM) == {"r1": ("suspended", "bill_unreadable")}
        assert await books.decisions("other") == {"r1": ("awarded", "awarded")}


async def test_a_bill_that_cannot_be_read_sends_its_stay_to_a_person(
    desk: FrontDesk, books: Books, channel: Uplyft
) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    bill(desk, "b1", "g1", PaidUtc="yesterday")
    await desk.read(only_the_guest(channel))
    assert await books.decisions(MM) == {"r1": ("suspended", "bill_unreadable")}
    desk.edit("Bills", "b1", PaidUtc=None)
    await desk.read(only_the_guest(channel))
    assert await books.messages() == [("credit", 1, 110, "ready")]
    assert await books.cases() == []


async def test_bills_cost_a_request_for_a_thousand_and_one_for_what_changed(
    desk: FrontDesk, channel: Uplyft, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = requests(monkeypatch)
    desk.member()
    for stay in range(60):
        desk.stay(f"r{stay}")
        for night in range(20):
            desk.charge(f"i{stay}-{night}", 10, f"r{stay}", BillId=f"b{stay}-{night}")
    await desk.read(only_the_guest(channel))
    hotels, thousands = 2, 2
    assert asked["bills/getAll"] == hotels + thousands
    await desk.read(only_the_guest(channel))
    assert asked["bills/getAll"] == hotels + thousands + hotels


def requests(monkeypatch: pytest.MonkeyPatch) -> Counted[str]:
    """Count what Mews is asked, by operation."""
    asked: Counted[str] = Counted()
    due = FaultPlan.due

    def counting(plan: FaultPlan, operation: str, method: str) -> Any:
        asked[operation] += 1
        return due(plan, operation, method)

    monkeypatch.setattr(FaultPlan, "due", counting)
    return asked


async def test_no_bill_is_read_where_no_contract_asks(desk: FrontDesk, books: Books, channel: Uplyft) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    desk.fault("bills/getAll=500")
    await desk.read(miles_and_more(channel))
    assert await books.messages() == [("credit", 1, 110, "ready")]


async def test_bills_that_cannot_be_read_hold_back_their_property(
    desk: FrontDesk, books: Books, channel: Uplyft
) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100, BillId="b1")
    bill(desk, "b1", "g1")
    desk.fault("bills/getAll=400,times=1")
    await desk.read(only_the_guest(channel))
    assert await books.messages() == []
    await desk.read(only_the_guest(channel))
    assert await books.messages() == [("credit", 1, 110, "ready")]
