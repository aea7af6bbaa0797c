"""Order items: what is charged, in the shape that Mews shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .bills import Billing
from .clock import stamp
from .identity import identity
from .money import taxed, untaxed
from .properties import RECEPTION
from .stays import Stay


@dataclass(frozen=True, slots=True)
class Line:
    """One charge: ``unit`` times ``count`` in the property's currency; ``order`` is a restaurant's."""

    kind: str
    key: str
    unit: Decimal
    moment: datetime
    count: int = 1
    category: str = "Accommodation"
    revenue: str = "Service"
    product: str = ""
    rebated: str = ""
    order: str = ""
    created: datetime | None = None

    @property
    def total(self) -> Decimal:
        return self.unit * self.count


def item_id(stay: Stay, key: str) -> str:
    return identity("item", stay.booking.booking, key)


def billed(stay: Stay, line: Line, billing: Billing) -> dict[str, Any]:
    """The ``OrderItems`` record of a charge on a bill; what costs nothing stays Inactive and off the bill."""
    record = _item(stay, line)
    record |= billing.account
    record["UpdatedUtc"] = stamp(billing.closed or max(line.created or stay.booked, stay.began))
    return record | _standing(line, billing)


def _standing(line: Line, billing: Billing) -> dict[str, Any]:
    if not line.total:
        return {"AccountingState": "Inactive"}
    if billing.closed:
        return {"AccountingState": "Closed", "ClosedUtc": stamp(billing.closed), "BillId": billing.id}
    return {"AccountingState": "Open", "BillId": billing.id}


def canceled(stay: Stay, line: Line) -> dict[str, Any]:
    """The record of a charge that went with its reservation."""
    moment = stamp(stay.ended)
    gone = {"AccountingState": "Canceled", "CanceledUtc": moment, "UpdatedUtc": moment}
    return _item(stay, line) | gone | {"Options": {"CanceledWithReservation": True}}


def _item(stay: Stay, line: Line) -> dict[str, Any]:
    place = stay.place
    taxes = untaxed if line.category == "City tax" else taxed
    unit = taxes(place, line.unit)
    amount = unit if line.count == 1 else taxes(place, line.total)
    consumed = min(line.moment, stay.ended) if stay.processed and not line.created else line.moment
    record = {
        "Id": item_id(stay, line.key),
        "EnterpriseId": place.enterprise_id,
        "ServiceId": place.id("service", "Restaurant" if line.order else "Stay"),
        "ServiceOrderId": line.order or stay.id,
        "AccountingCategoryId": place.id("category", line.category),
        "Type": line.kind,
        "RevenueType": line.revenue,
        "UnitCount": line.count,
        "UnitAmount": unit,
        "Amount": amount,
        "OriginalAmount": amount,
        "ConsumedUtc": stamp(consumed),
        "StartUtc": stamp(line.moment),
        "CreatedUtc": stamp(line.created or stay.booked),
        "CreatorProfileId": RECEPTION,
        "UpdaterProfileId": RECEPTION,
        "Options": {"CanceledWithReservation": False},
    }
    return record | _data(stay, line)


def _data(stay: Stay, line: Line) -> dict[str, Any]:
    if line.rebated:
        rebate = {"ProductId": stay.place.id("product", "Rebate"), "RebatedItemId": line.rebated}
        return {"Data": {"Discriminator": "Rebate", "Rebate": rebate}}
    if line.product:
        product = {"ProductId": stay.place.id("product", line.product), "ProductType": "Product"}
        return {"Data": {"Discriminator": "Product", "Product": product}}
    return {}
