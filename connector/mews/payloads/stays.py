"""Reservations and order items (Connector API: reservations/getAll/2023-06-06, orderItems/getAll)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from connector.domain.stays import OrderItem, Reservation
from connector.errors import Skippable
from connector.mews.payloads.records import (
    Record,
    moment,
    number,
    optional_moment,
    optional_part,
    optional_text,
    part,
    text,
    word,
)

RESERVATION_STATES = frozenset({"Inquired", "Confirmed", "Started", "Processed", "Canceled", "Optional", "Requested"})
ACCOUNT_TYPES = frozenset({"Customer", "Company"})
ACCOUNTING_STATES = frozenset({"Open", "Closed", "Inactive", "Canceled"})
_LOWERING = ("Rebate", "AllowanceDiscount")  # as discriminators, and as types end: a discount of city tax stands alone


def reservation(record: Record, property_of: Callable[[str], str | None]) -> Reservation:
    """Read a reservation; ``property_of`` tells the property of a service, which is all that Mews names."""
    service_id = text(record, "ServiceId")
    property_id = property_of(service_id)
    if property_id is None:
        raise Skippable(f"ServiceId {service_id[:64]!r} belongs to no property that is known")
    return Reservation(
        id=text(record, "Id"),
        number=text(record, "Number"),
        property_id=property_id,
        service_id=service_id,
        state=word(record, "State", RESERVATION_STATES),
        account_id=text(record, "AccountId"),
        account_type=word(record, "AccountType", ACCOUNT_TYPES),
        scheduled_start=moment(record, "ScheduledStartUtc"),
        scheduled_end=moment(record, "ScheduledEndUtc"),
        created=moment(record, "CreatedUtc"),
        updated=moment(record, "UpdatedUtc"),
        actual_start=optional_moment(record, "ActualStartUtc"),
        actual_end=optional_moment(record, "ActualEndUtc"),
        booker_id=optional_text(record, "BookerId"),
        group_id=optional_text(record, "GroupId"),
        rate_id=optional_text(record, "RateId"),
        segment_id=optional_text(record, "BusinessSegmentId"),
        agency_id=optional_text(record, "TravelAgencyId"),
        company_id=optional_text(record, "PartnerCompanyId"),
        block_id=optional_text(record, "AvailabilityBlockId"),
        origin=optional_text(record, "Origin"),
        channel_number=optional_text(record, "ChannelNumber"),
    )


def order_item(record: Record) -> OrderItem:
    """Read an order item. New types and revenue types pass: rules count only those that they name."""
    amount = part(record, "Amount")
    details = optional_part(record, "Data") or {}
    kind = text(record, "Type")
    return OrderItem(
        id=text(record, "Id"),
        reservation_id=text(record, "ServiceOrderId"),
        type=kind,
        state=word(record, "AccountingState", ACCOUNTING_STATES),
        currency=text(amount, "Currency"),
        net=number(amount, "NetValue"),
        gross=number(amount, "GrossValue"),
        updated=moment(record, "UpdatedUtc"),
        taxes=_taxes(amount),
        revenue_type=optional_text(record, "RevenueType"),
        category_id=optional_text(record, "AccountingCategoryId"),
        service_id=optional_text(record, "ServiceId"),
        bill_id=optional_text(record, "BillId"),
        consumed=optional_moment(record, "ConsumedUtc"),
        closed=optional_moment(record, "ClosedUtc"),
        lowers_id=_lowered(kind, details),
        bookkeeping=_is_bookkeeping(details),
    )


def _taxes(amount: Record) -> tuple[tuple[str, Decimal], ...]:
    """Return (tax code, value) pairs; a tax without a code has the code ""."""
    values = amount.get("TaxValues") or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Skippable("TaxValues is of another type, a list of objects was expected")
    return tuple([(optional_text(value, "Code") or "", number(value, "Value")) for value in values])


def _lowered(kind: str, details: Record) -> str | None:
    """Return the item that a rebate or an allowance discount lowers; one that names none cannot be used.

    ``Data`` need not be there; without it a rebate would stand alone, and in no rule that counts what it lowers.
    """
    if (rebate := optional_part(details, "Rebate")) is not None:
        return text(rebate, "RebatedItemId")
    if (discount := optional_part(details, "AllowanceDiscount")) is not None:
        return text(discount, "DiscountedOrderItemId")
    if kind.endswith(_LOWERING) or details.get("Discriminator") in _LOWERING:
        raise Skippable(f"Data names no item that this {kind[:40]} lowers, which was expected")
    return None


def _is_bookkeeping(details: Record) -> bool:
    product = optional_part(details, "Product") or {}
    return product.get("ProductType") == "Allowance" or details.get("AllowanceProfits") is not None
