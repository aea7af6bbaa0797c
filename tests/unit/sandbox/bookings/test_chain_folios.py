"""Reservations, order items and bills against the bookings that they are made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.sandbox.bookings import PROPERTIES, Booking, Bookings

Chain = dict[str, list[dict[str, Any]]]
Record = dict[str, Any]
MONTREAL = PROPERTIES["montreal"].enterprise_id
ZONES = {place.enterprise_id: ZoneInfo(place.zone.key) for place in PROPERTIES.values()}


def local(record: Record, name: str, enterprise: str) -> datetime:
    return datetime.fromisoformat(record[name]).astimezone(ZONES[enterprise])


@pytest.fixture(scope="module")
def by_number(bookings: Bookings) -> dict[str, Booking]:
    return {str(row.booking): row for row in bookings.rows}


@pytest.fixture(scope="module")
def processed(chain: Chain) -> list[Record]:
    return [record for record in chain["Reservations"] if record["State"] == "Processed"]


@pytest.fixture(scope="module")
def items(chain: Chain) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for item in chain["OrderItems"]:
        found[item["ServiceOrderId"]].append(item)
    return found


def test_every_booking_is_a_reservation_in_its_state(chain: Chain, by_number: dict[str, Booking]) -> None:
    assert len(chain["Reservations"]) == len(by_number)
    for record in chain["Reservations"]:
        status = by_number[record["Number"]].status
        assert record["State"] == ("Processed" if status == "Check-Out" else "Canceled")
        assert (record.get("CancellationReason") == "NoShow") == (status == "No-Show")


def test_dates_are_moved_by_the_same_whole_number_of_days(
    chain: Chain, by_number: dict[str, Booking], today: date
) -> None:
    shift = today - timedelta(days=1) - date(2017, 9, 14)
    for record in chain["Reservations"]:
        row, place = by_number[record["Number"]], record["_EnterpriseId"]
        assert local(record, "ScheduledStartUtc", place).date() == row.arrival + shift
        assert local(record, "ScheduledEndUtc", place).date() == row.scheduled_departure + shift
        assert local(record, "CreatedUtc", place).date() == row.booked + shift
        ended = row.departure if row.status == "Check-Out" else row.status_date
        assert local(record, "UpdatedUtc", place).date() == ended + shift


def test_the_last_check_out_was_yesterday(processed: list[Record], today: date) -> None:
    days = {local(record, "ActualEndUtc", record["_EnterpriseId"]).date() for record in processed}
    assert max(days) == today - timedelta(days=1)


def test_guests_leave_late_in_the_morning(processed: list[Record]) -> None:
    for record in processed:
        start, end = (local(record, name, record["_EnterpriseId"]) for name in ("ActualStartUtc", "ActualEndUtc"))
        assert start < end
        assert 9 <= end.hour < 12 if start.date() < end.date() else 17 <= end.hour < 19


def test_three_in_ten_bookings_are_in_montreal(chain: Chain) -> None:
    places = Counter(record["_EnterpriseId"] for record in chain["Reservations"])
    assert 0.27 < places[MONTREAL] / places.total() < 0.33


def test_each_night_has_its_item_at_the_rate_of_the_booking(
    processed: list[Record], items: dict[str, list[Record]], by_number: dict[str, Booking]
) -> None:
    for record in processed:
        row, place = by_number[record["Number"]], record["_EnterpriseId"]
        nights = [item for item in items[record["Id"]] if item["Type"] == "SpaceOrder"]
        first = local(record, "ScheduledStartUtc", place).date()
        assert [(local(item, "StartUtc", place).date() - first).days for item in nights] == list(range(row.nights))
        factor, value = (Decimal("1.5"), "NetValue") if place == MONTREAL else (Decimal(1), "GrossValue")
        rate = (row.adr * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert all(Decimal(str(item["Amount"][value])) == rate for item in nights)


def test_taxes_follow_the_property(chain: Chain) -> None:
    for item in chain["OrderItems"]:
        amount = item["Amount"]
        gross, net = (Decimal(str(amount[name])) for name in ("GrossValue", "NetValue"))
        taxes = {tax["Code"]: Decimal(str(tax["Value"])) for tax in amount["TaxValues"]}
        assert gross == net + sum(taxes.values())
        if item["Type"] == "CityTax":
            assert not taxes
        elif item["EnterpriseId"] == MONTREAL:
            assert amount["Currency"] == "CAD"
            rates = {"CA-GST": Decimal("0.05"), "CA-QST": Decimal("0.09975")}
            assert taxes == {
                code: (net * rate).quantize(Decimal("0.01"), ROUND_HALF_UP) for code, rate in rates.items()
            }
        else:
            assert amount["Currency"] == "EUR"
            assert net == (gross / Decimal("1.10")).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_items_of_no_value_stay_inactive_and_off_the_bill(chain: Chain) -> None:
    for item in chain["OrderItems"]:
        if item["AccountingState"] != "Canceled":
            assert (item["AccountingState"] == "Inactive") == (item["Amount"]["GrossValue"] == 0)
            assert ("BillId" in item) == (item["AccountingState"] in ("Open", "Closed"))
            assert ("ClosedUtc" in item) == (item["AccountingState"] == "Closed")


def test_a_negative_rate_stays_negative(small_chain: Chain) -> None:
    (stay,) = (record for record in small_chain["Reservations"] if record["Number"] == "14970")
    nights = [i for i in small_chain["OrderItems"] if (i["ServiceOrderId"], i["Type"]) == (stay["Id"], "SpaceOrder")]
    assert len(nights) == 10
    assert all(item["Amount"]["GrossValue"] < 0 and item["AccountingState"] != "Inactive" for item in nights)


def test_board_and_city_tax_are_charged_once_a_stay(
    processed: list[Record], items: dict[str, list[Record]], by_number: dict[str, Booking]
) -> None:
    for record in processed:
        row = by_number[record["Number"]]
        kinds = Counter(item["Type"] for item in items[record["Id"]])
        assert kinds["CityTax"] == 1
        assert kinds["ProductOrder"] == (row.meal in ("BB", "HB", "FB") and row.nights > 0)
        board = [item for item in items[record["Id"]] if item["Type"] == "ProductOrder"]
        assert all(item["UnitCount"] == row.nights for item in board)


def test_about_one_bill_in_a_hundred_is_open(chain: Chain) -> None:
    states = Counter(bill["State"] for bill in chain["Bills"])
    assert 0.005 < states["Open"] / states.total() < 0.02
    assert not [bill for bill in chain["Bills"] if bill["State"] == "Open" and "IssuedUtc" in bill]


def test_items_and_their_bill_agree(chain: Chain) -> None:
    bills = {bill["Id"]: bill for bill in chain["Bills"]}
    for item in chain["OrderItems"]:
        if "BillId" in item:
            bill = bills[item["BillId"]]
            assert (bill["State"], bill["AccountId"]) == (item["AccountingState"], item["AccountId"])
            assert bill.get("IssuedUtc") == item.get("ClosedUtc")
    assert {item.get("BillId") for item in chain["OrderItems"]} >= set(bills)


def test_some_stays_of_guests_are_paid_by_a_company(chain: Chain, processed: list[Record]) -> None:
    owners = {record["Id"]: record["AccountId"] for record in processed if record["AccountType"] == "Customer"}
    others = {i["ServiceOrderId"] for i in chain["OrderItems"] if i.get("AccountType") == "Company"} & owners.keys()
    assert 0.015 < len(others) / len(owners) < 0.045


def test_rebates_lower_an_item_of_the_same_stay(chain: Chain, processed: list[Record]) -> None:
    known = {item["Id"]: item for item in chain["OrderItems"]}
    rebates = [item for item in chain["OrderItems"] if item["Type"] == "NightRebate"]
    again = 0
    for rebate in rebates:
        rebated = known[rebate["Data"]["Rebate"]["RebatedItemId"]]
        assert rebated["ServiceOrderId"] == rebate["ServiceOrderId"]
        assert rebate["Amount"]["GrossValue"] * rebated["Amount"]["GrossValue"] < 0
        again += rebated["Type"] == "NightRebate"
    stays = len({rebate["ServiceOrderId"] for rebate in rebates})
    assert 0.02 < stays / len(processed) < 0.04
    assert 0.1 < again / stays < 0.35


def test_some_rebates_come_days_after_check_out_on_a_bill_of_their_own(chain: Chain, processed: list[Record]) -> None:
    ends = {record["Id"]: datetime.fromisoformat(record["ActualEndUtc"]) for record in processed}
    bills = {bill["Id"]: bill for bill in chain["Bills"]}
    late = 0
    for item in chain["OrderItems"]:
        if item["Type"] == "NightRebate" and item["AccountingState"] == "Closed":
            after = datetime.fromisoformat(item["CreatedUtc"]) - ends[item["ServiceOrderId"]]
            late += after >= timedelta(days=2)
            assert (after > timedelta()) == (bills[item["BillId"]]["CorrectionState"] == "CorrectiveBill")
    assert late > 5


def test_restaurant_orders_hang_on_a_stay_by_their_link_only(
    chain: Chain, processed: list[Record], items: dict[str, list[Record]]
) -> None:
    services = {record["Id"]: record["Data"]["Discriminator"] for record in chain["Services"]}
    stays = {record["Id"]: record for record in processed}
    for order in chain["ProductServiceOrders"]:
        stay = stays[order["LinkedReservationId"]]
        (item,) = items[order["Id"]]
        assert services[order["ServiceId"]] == services[item["ServiceId"]] == "Additional"
        assert (order["AccountId"], order["_EnterpriseId"]) == (stay["AccountId"], stay["_EnterpriseId"])
        assert stay["ActualStartUtc"] < item["ConsumedUtc"] < stay["ActualEndUtc"]
    assert 0.04 < len(chain["ProductServiceOrders"]) / len(processed) < 0.06


def test_canceled_reservations_have_canceled_items_or_a_fee_or_none(
    chain: Chain, items: dict[str, list[Record]]
) -> None:
    found: Counter[str] = Counter()
    for record in chain["Reservations"]:
        if record["State"] == "Canceled":
            for item in items[record["Id"]]:
                fee = item["Type"] == "CancellationFee"
                found["fee" if fee else "canceled"] += 1
                assert fee == (record["CancellationReason"] == "NoShow")
                assert fee or item["AccountingState"] == "Canceled"
    assert found["fee"]
    assert found["canceled"]
