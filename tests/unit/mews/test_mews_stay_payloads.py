"""Reservations and order items of Mews in the domain's words: only what is used is required."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.stays import OrderItem, Reservation
from connector.errors import Skippable
from connector.mews.payloads import stays
from connector.mews.payloads.records import Bad, digits, parse_each

RESERVATION: dict[str, Any] = {
    "Id": "r1",
    "ServiceId": "s1",
    "AccountId": "a1",
    "AccountType": "Customer",
    "Number": "52",
    "State": "Processed",
    "Origin": "ChannelManager",
    "CreatedUtc": "2026-01-01T09:00:00Z",
    "UpdatedUtc": "2026-01-31T10:00:00Z",
    "ScheduledStartUtc": "2026-01-29T14:00:00Z",
    "ScheduledEndUtc": "2026-01-31T11:00:00Z",
    "ActualStartUtc": "2026-01-29T15:12:00Z",
    "ActualEndUtc": "2026-01-31T10:00:00Z",
    "GroupId": "g1",
    "RateId": "rate1",
    "BusinessSegmentId": "seg1",
    "TravelAgencyId": "ta1",
    "PartnerCompanyId": "co1",
    "AvailabilityBlockId": "b1",
    "BookerId": "a2",
    "ChannelNumber": "CH-9",
}
ITEM: dict[str, Any] = {
    "Id": "i1",
    "ServiceOrderId": "r1",
    "ServiceId": "s1",
    "Type": "SpaceOrder",
    "AccountingState": "Closed",
    "RevenueType": "Service",
    "AccountingCategoryId": "cat1",
    "BillId": "bill1",
    "UpdatedUtc": "2026-01-31T10:00:00Z",
    "ConsumedUtc": "2026-01-30T14:00:00Z",
    "ClosedUtc": "2026-01-31T10:01:00Z",
    "Amount": {
        "Currency": "EUR",
        "NetValue": digits("90.91"),
        "GrossValue": 100,
        "TaxValues": [{"Code": "AT-10", "Value": digits("9.09")}],
    },
}


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


class TestReservations:
    def test_a_reservation_is_read_whole(self) -> None:
        read = stays.reservation(RESERVATION, {"s1": "e1"}.get)
        assert read == Reservation(
            id="r1",
            number="52",
            property_id="e1",
            service_id="s1",
            state="Processed",
            account_id="a1",
            account_type="Customer",
            scheduled_start=datetime(2026, 1, 29, 14, tzinfo=UTC),
            scheduled_end=datetime(2026, 1, 31, 11, tzinfo=UTC),
            created=datetime(2026, 1, 1, 9, tzinfo=UTC),
            updated=datetime(2026, 1, 31, 10, tzinfo=UTC),
            actual_start=datetime(2026, 1, 29, 15, 12, tzinfo=UTC),
            actual_end=datetime(2026, 1, 31, 10, tzinfo=UTC),
            booker_id="a2",
            group_id="g1",
            rate_id="rate1",
            segment_id="seg1",
            agency_id="ta1",
            company_id="co1",
            block_id="b1",
            origin="ChannelManager",
            channel_number="CH-9",
        )

    @pytest.mark.parametrize("state", sorted(stays.RESERVATION_STATES))
    def test_every_published_state_is_known(self, state: str) -> None:
        assert stays.reservation({**RESERVATION, "State": state}, {"s1": "e1"}.get).state == state

    @pytest.mark.parametrize(("name", "value"), [("State", "Paused"), ("AccountType", "Robot")])
    def test_an_unknown_word_that_decides_is_not_guessed(self, name: str, value: str) -> None:
        with pytest.raises(Skippable, match=f"{name} '{value}' is not known"):
            stays.reservation({**RESERVATION, name: value}, {"s1": "e1"}.get)

    def test_an_unknown_origin_passes(self) -> None:
        assert stays.reservation({**RESERVATION, "Origin": "Oracle"}, {"s1": "e1"}.get).origin == "Oracle"

    def test_a_service_of_no_known_property_is_set_aside(self) -> None:
        with pytest.raises(Skippable, match="ServiceId 's1' belongs to no property that is known"):
            stays.reservation(RESERVATION, {}.get)

    def test_deprecated_times_do_not_stand_in_for_the_scheduled_ones(self) -> None:
        record = {**without(RESERVATION, "ScheduledEndUtc"), "EndUtc": "2026-01-31T11:00:00Z"}
        with pytest.raises(Skippable, match="ScheduledEndUtc is missing"):
            stays.reservation(record, {"s1": "e1"}.get)


class TestOrderItems:
    def test_an_order_item_is_read_whole(self) -> None:
        assert stays.order_item(ITEM) == OrderItem(
            id="i1",
            reservation_id="r1",
            type="SpaceOrder",
            state="Closed",
            currency="EUR",
            net=Decimal("90.91"),
            gross=Decimal(100),
            updated=datetime(2026, 1, 31, 10, tzinfo=UTC),
            taxes=(("AT-10", Decimal("9.09")),),
            revenue_type="Service",
            category_id="cat1",
            service_id="s1",
            bill_id="bill1",
            consumed=datetime(2026, 1, 30, 14, tzinfo=UTC),
            closed=datetime(2026, 1, 31, 10, 1, tzinfo=UTC),
        )

    @pytest.mark.parametrize(
        ("data", "lowered"),
        [
            ({"Discriminator": "Rebate", "Rebate": {"ProductId": "x", "RebatedItemId": "i0"}}, "i0"),
            (
                {
                    "Discriminator": "AllowanceDiscount",
                    "AllowanceDiscount": {
                        "DiscountedOrderItemId": "i0",
                        "AllowanceProductOrderItemId": "ap",
                    },
                },
                "i0",
            ),
            ({"Discriminator": "Product", "Product": {"ProductId": "x", "ProductType": "Product"}}, None),
            ({"Discriminator": "SomethingNew"}, None),
        ],
    )
    def test_what_lowers_an_item_names_it(self, data: dict[str, Any], lowered: str | None) -> None:
        read = stays.order_item({**ITEM, "Data": data})
        assert (read.lowers_id, read.bookkeeping) == (lowered, False)

    @pytest.mark.parametrize(
        "data",
        [
            {"Discriminator": "Product", "Product": {"ProductId": "x", "ProductType": "Allowance"}},
            {
                "Discriminator": "AllowanceProfits",
                "AllowanceProfits": {
                    "AllowanceProductOrderItemId": "ap",
                    "AllowanceProfitType": "AllowanceLoss",
                },
            },
        ],
    )
    def test_allowance_products_and_profits_are_bookkeeping(self, data: dict[str, Any]) -> None:
        assert stays.order_item({**ITEM, "Data": data}).bookkeeping

    def test_a_rebate_of_nothing_is_set_aside_with_its_reservation(self) -> None:
        record = {**ITEM, "Data": {"Discriminator": "Rebate", "Rebate": {"ProductId": "x"}}}
        _, bad = parse_each([record], stays.order_item, "order item", parent="ServiceOrderId")
        expected = "order item i1: RebatedItemId is missing, a text was expected"
        assert bad == [Bad("order item", "i1", expected, "r1")]

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            *((f"{name}Rebate", None) for name in ("Night", "ProductOrder", "AdditionalExpense", "SomethingNew")),
            ("AllowanceDiscount", None),
            ("NightRebate", {"Discriminator": "Rebate"}),
            ("NightRebate", {"Discriminator": "Product", "Product": {"ProductId": "x"}}),
            ("SpaceOrder", {"Discriminator": "Rebate"}),
            ("SpaceOrder", {"Discriminator": "AllowanceDiscount", "AllowanceDiscount": None}),
        ],
    )
    def test_what_lowers_by_type_or_discriminator_must_say_what(self, kind: str, data: dict[str, Any] | None) -> None:
        with pytest.raises(Skippable, match=f"Data names no item that this {kind} lowers"):
            stays.order_item({**ITEM, "Type": kind, "Data": data})

    def test_a_discount_of_city_tax_stands_alone(self) -> None:
        assert stays.order_item({**ITEM, "Type": "CityTaxDiscount"}).lowers_id is None

    def test_an_unknown_accounting_state_is_not_guessed(self) -> None:
        with pytest.raises(Skippable, match="AccountingState 'Parked' is not known"):
            stays.order_item({**ITEM, "AccountingState": "Parked"})

    @pytest.mark.parametrize(("name", "value"), [("Type", "SpaceWalk"), ("RevenueType", "Orbital")])
    def test_words_that_only_rules_look_at_pass(self, name: str, value: str) -> None:
        stays.order_item({**ITEM, name: value})

    @pytest.mark.parametrize("name", ["Currency", "NetValue", "GrossValue"])
    def test_an_amount_must_be_whole(self, name: str) -> None:
        with pytest.raises(Skippable, match=f"{name} is missing"):
            stays.order_item({**ITEM, "Amount": without(ITEM["Amount"], name)})

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"BillId": 5}, "BillId is of another type, a text was expected"),
            ({"BillId": digits("5.0")}, "BillId is of another type, a text was expected"),
            ({"Amount": {**ITEM["Amount"], "NetValue": "5.0"}}, "NetValue is of another type, a number was expected"),
            (
                {"Amount": {**ITEM["Amount"], "NetValue": digits("1e99999999999999999999")}},
                "NetValue is not readable, a number was expected",
            ),
            ({"Data": "Rebate"}, "Data is of another type, an object was expected"),
            (
                {"Amount": {**ITEM["Amount"], "TaxValues": ["AT-10"]}},
                "TaxValues is of another type, a list of objects was expected",
            ),
        ],
    )
    def test_a_property_of_another_type_is_named(self, change: dict[str, Any], expected: str) -> None:
        with pytest.raises(Skippable) as caught:
            stays.order_item({**ITEM, **change})
        assert str(caught.value) == expected

    def test_money_keeps_the_digits_that_mews_sent(self) -> None:
        sent = '{"Currency": "EUR", "NetValue": 0.1, "GrossValue": 12345678901234.56789}'
        amount = json.loads(sent, parse_float=digits)
        read = stays.order_item({**ITEM, "Amount": amount})
        assert (read.net, read.gross) == (Decimal("0.1"), Decimal("12345678901234.56789"))
