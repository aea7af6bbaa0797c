"""Product service orders (Connector API: productServiceOrders/getAll)."""

from __future__ import annotations

from connector.domain.stays import ProductOrder
from connector.mews.payloads.records import Record, optional_text, text


def product_order(record: Record) -> ProductOrder:
    """Read a product service order: which reservation it is linked to, if to any."""
    return ProductOrder(id=text(record, "Id"), reservation_id=optional_text(record, "LinkedReservationId"))
