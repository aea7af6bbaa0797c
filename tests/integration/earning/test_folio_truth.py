"""What happens to a stay at the desk, and what the partner holds for it in the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.contract import Hold
from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from connector.store import decisions
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, CHECK_OUT, COLLECTOR, air_miles, per_twenty_dollars
from tests.integration.earning.front_desk import FrontDesk, wire

DAY_HOLD = Hold("after", timedelta(days=1))


def partner(at: Counter, rule: dict[str, Any] | None = None, **contract: Any) -> Partnership:
    """AIR MILES, which takes miles back: one for each 20 dollars of the room."""
    return air_miles(at.airmiles(), contract={"rules": (per_twenty_dollars(**(rule or {})),), "rooms": 2, **contract})


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    return partner(at_airmiles)


class Till:
    """What the partner holds, and where the stays stand."""

    def __init__(self, desk: FrontDesk, at: Counter) -> None:
        self.desk, self.at = desk, at

    async def settle(self, *partnerships: Partnership) -> int:
        """Read and deliver until nothing is left; return what the partner holds. Every stay stands in one place."""
        for _ in range(3):
            await self.desk.read(*partnerships)
            await self.stands()
            await self.desk.deliver(*partnerships)
        return sum(miles for _, miles in self.at.given())

    async def stands(self) -> dict[str, int]:
        """Return how many stays were seen, and stand where; what is nowhere is left out."""
        async with self.desk.database.read() as connection:
            told = (await decisions.tally(connection, [AM]))[AM]
        assert told["seen"] == told["awarded"] + told["excluded"] + told["suspended"] + told["waiting"]
        assert min(told.values()) >= 0
        return {name: number for name, number in told.items() if number}


@pytest.fixture
def till(desk: FrontDesk, at_airmiles: Counter) -> Till:
    return Till(desk, at_airmiles)


def stay(desk: FrontDesk, id_: str = "r1", **more: Any) -> None:
    """Enter a stay in Montreal."""
    desk.stay(id_, hotel="montreal", **more)


def charge(desk: FrontDesk, id_: str, net: float, stay: str = "r1", **more: Any) -> None:
    """Put a charge on a folio in Montreal."""
    desk.charge(id_, net, stay, hotel="montreal", **more)


def lowers(desk: FrontDesk, id_: str, net: float, what: str, **more: Any) -> None:
    """Lower an item by a rebate."""
    desk.rebate(id_, net, what, hotel="montreal")
    if more:
        desk.edit("OrderItems", id_, **more)


@pytest.fixture
def guest(desk: FrontDesk) -> str:
    desk.member("g1", "AM", COLLECTOR)
    return "g1"


@pytest.mark.usefixtures("guest")
@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestAStayThatIsReopened:
    async def test_keeps_its_miles_until_it_is_checked_out_again(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", State="Started")
        assert await till.settle(am) == 5
        assert await till.stands() == {"seen": 1, "waiting": 1}
        charge(desk, "i2", 60)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", State="Processed")
        assert await till.settle(am) == 8
        assert await till.stands() == {"seen": 1, "awarded": 1}

    async def test_loses_them_when_it_is_canceled_instead(self, desk: FrontDesk, am: Partnership, till: Till) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", State="Started")
        desk.edit("OrderItems", "i1", AccountingState="Canceled")
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", State="Canceled")
        assert await till.settle(am) == 0
        assert await till.stands() == {"seen": 1, "excluded": 1}

    async def test_with_the_same_folio_is_never_credited_twice(
        self, desk: FrontDesk, am: Partnership, till: Till, at_airmiles: Counter
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        for state in ("Processed", "Started", "Processed", "Started", "Processed"):
            desk.edit("Reservations", "r1", State=state)
            assert await till.settle(am) == 5
        assert at_airmiles.given() == [(COLLECTOR, 5)]


@pytest.mark.usefixtures("guest")
class TestAGuestWhoDoesNotCome:
    async def test_is_in_nobodys_view_though_there_is_a_fee(
        self, desk: FrontDesk, at_airmiles: Counter, till: Till
    ) -> None:
        am = partner(at_airmiles, {"items": frozenset({"SpaceOrder", "CancellationFee"})})
        stay(desk, State="Canceled", ActualEndUtc=None)
        charge(desk, "i1", 100, AccountingState="Canceled")
        charge(desk, "fee", 100, Type="CancellationFee")
        assert await till.settle(am) == 0
        assert await till.stands() == {}

    async def test_whose_stay_was_checked_out_by_mistake_is_excluded_with_the_reason(
        self, desk: FrontDesk, books: Books, at_airmiles: Counter, till: Till
    ) -> None:
        am = partner(at_airmiles, {"items": frozenset({"SpaceOrder", "CancellationFee"})})
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", State="Canceled")
        desk.edit("OrderItems", "i1", AccountingState="Canceled")
        charge(desk, "fee", 100, Type="CancellationFee")
        assert await till.settle(am) == 0
        assert await books.decisions(AM) == {"r1": ("excluded", "not_processed")}
        assert await till.stands() == {"seen": 1, "excluded": 1}

    async def test_and_is_checked_out_with_a_fee_earns_nothing_for_it(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100, AccountingState="Canceled")
        charge(desk, "fee", 100, Type="CancellationFee")
        assert await till.settle(am) == 0
        assert await till.stands() == {"seen": 1, "excluded": 1}


@pytest.mark.usefixtures("guest")
class TestAReservationThatIsSplitOrMoved:
    async def test_takes_the_moved_night_from_the_first_to_the_second(
        self, desk: FrontDesk, books: Books, am: Partnership, till: Till
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        charge(desk, "i2", 60)
        assert await till.settle(am) == 8
        stay(desk, "r2")
        desk.edit("OrderItems", "i2", ServiceOrderId="r2")
        assert await till.settle(am) == 5 + 3
        assert await books.rows("SELECT root_id, miles FROM award ORDER BY 1") == [("r1", 5), ("r2", 3)]
        assert await till.stands() == {"seen": 2, "awarded": 2}

    async def test_to_another_room_stays_as_it_is(
        self, desk: FrontDesk, am: Partnership, till: Till, at_airmiles: Counter
    ) -> None:
        stay(desk, AssignedResourceId="101")
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", AssignedResourceId="102")
        assert await till.settle(am) == 5
        assert at_airmiles.given() == [(COLLECTOR, 5)]

    async def test_to_other_dates_counts_the_nights_of_those(
        self, desk: FrontDesk, at_airmiles: Counter, till: Till
    ) -> None:
        am = partner(at_airmiles, {"basis": "night", "miles": Decimal(10)})
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 20
        desk.edit("Reservations", "r1", ScheduledStartUtc=wire(CHECK_OUT - timedelta(days=3)))
        assert await till.settle(am) == 30
        desk.edit("Reservations", "r1", ActualEndUtc=wire(CHECK_OUT - timedelta(days=2)))
        assert await till.settle(am) == 10
        assert await till.stands() == {"seen": 1, "awarded": 1}

    async def test_to_another_property_before_the_award_counts_there(
        self, desk: FrontDesk, books: Books, at_airmiles: Counter, till: Till
    ) -> None:
        am = partner(at_airmiles, hold=DAY_HOLD)
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 0
        desk.edit("Reservations", "r1", ServiceId="s-wien")
        desk.later(days=1)
        assert await till.settle(am) == 0
        assert await books.decisions(AM) == {"r1": ("excluded", "no_location")}

    async def test_to_another_property_after_the_award_is_corrected_where_it_was_credited(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.edit("Reservations", "r1", ServiceId="s-wien")
        lowers(desk, "i2", 40, "i1")
        assert await till.settle(am) == 3
        assert await till.stands() == {"seen": 1, "awarded": 1}


class TestGuestsWhoAreMerged:
    @pytest.mark.parametrize("memberships", ["keep", "move"])
    async def test_before_the_award_earn_whatever_becomes_of_the_membership(
        self, desk: FrontDesk, at_airmiles: Counter, till: Till, memberships: str
    ) -> None:
        am = partner(at_airmiles, hold=DAY_HOLD)
        desk.member("g1", "AM", COLLECTOR)
        desk.guest("g2")
        stay(desk, guest="g1")
        charge(desk, "i1", 100)
        assert await till.settle(am) == 0
        desk.merge("g1", "g2", memberships)
        desk.later(days=1)
        assert await till.settle(am) == 5
        assert at_airmiles.given() == [(COLLECTOR, 5)]

    @pytest.mark.parametrize("memberships", ["keep", "move", "delete"])
    async def test_after_the_award_are_corrected_at_the_number_that_was_credited(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter, till: Till, memberships: str
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        desk.guest("g2")
        stay(desk, guest="g1")
        charge(desk, "i1", 100)
        assert await till.settle(am) == 5
        desk.merge("g1", "g2", memberships)
        desk.edit("Reservations", "r1", AccountId="g2")
        assert await till.settle(am) == 5
        lowers(desk, "i2", 40, "i1")
        assert await till.settle(am) == 3
        assert {member for member, _ in at_airmiles.given()} == {COLLECTOR}
        assert await till.stands() == {"seen": 1, "awarded": 1}


@pytest.mark.usefixtures("guest")
class TestItems:
    async def test_in_another_currency_count_at_the_rate_of_the_first_award(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        rate = {"EnterpriseId": "e-montreal", "SourceCurrency": "USD", "TargetCurrency": "CAD", "Value": 2}
        edits.add(desk.state, "ExchangeRates", {"Id": "x1", **rate})
        dollars = {"Currency": "USD", "NetValue": 50.0, "GrossValue": 50.0, "TaxValues": []}
        stay(desk)
        charge(desk, "i1", 100)
        charge(desk, "i2", 50, Amount=dollars)
        assert await till.settle(am) == 10
        desk.edit("ExchangeRates", "x1", Value=4)
        desk.later(hours=2)
        charge(desk, "i3", 50, Amount=dollars)
        assert await till.settle(am) == 15

    async def test_of_no_value_and_canceled_ones_give_nothing_and_hold_up_nothing(
        self, desk: FrontDesk, at_airmiles: Counter, till: Till
    ) -> None:
        am = partner(at_airmiles, hold=Hold("settled"))
        stay(desk)
        charge(desk, "i1", 100)
        charge(desk, "i2", 0, AccountingState="Inactive", ClosedUtc=None)
        charge(desk, "i3", 500, AccountingState="Canceled")
        lowers(desk, "i4", 400, "i3")
        desk.later(days=3)
        assert await till.settle(am) == 5
        assert await till.stands() == {"seen": 1, "awarded": 1}

    async def test_that_are_canceled_later_take_their_miles_along(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        stay(desk)
        charge(desk, "i1", 100)
        charge(desk, "i2", 60)
        lowers(desk, "i3", 20, "i2")
        assert await till.settle(am) == 7
        desk.edit("OrderItems", "i2", AccountingState="Canceled")
        assert await till.settle(am) == 5

    async def test_are_lowered_by_allowances_and_rebates_of_rebates(
        self, desk: FrontDesk, am: Partnership, till: Till
    ) -> None:
        def allowance(of: str) -> dict[str, Any]:
            data = {"DiscountedOrderItemId": of, "AllowanceProductOrderItemId": "x"}
            discount = {"Discriminator": "AllowanceDiscount", "AllowanceDiscount": data}
            return {"Type": "AllowanceDiscount", "Data": discount}

        stay(desk)
        charge(desk, "i1", 200)
        charge(desk, "i2", -100, **allowance("i1"))
        assert await till.settle(am) == 5
        lowers(desk, "i3", -40, "i2")  # a part of the allowance is taken back
        assert await till.settle(am) == 7
        lowers(desk, "i4", 20, "i3")
        assert await till.settle(am) == 6
        charge(desk, "dinner", 100, Type="ProductOrder")  # no room
        charge(desk, "i5", -100, **allowance("dinner"))
        lowers(desk, "i6", -100, "i5")
        charge(desk, "i7", 80, Type="AllowanceBreakage")
        assert await till.settle(am) == 6
        assert await till.stands() == {"seen": 1, "awarded": 1}
