"""Product service orders: the restaurant, the spa and the like, each its own order beside the reservation.

Staff may link one to a reservation; its items are among the property's order items (``orderItems/getAll``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.stays import ProductOrder
from connector.mews.client import Mews
from connector.mews.pages import Page, parsed
from connector.mews.payloads.orders import product_order
from connector.mews.times import Interval

_SERVICES = 1000  # that Mews takes in one request


@dataclass(frozen=True, slots=True)
class ProductOrders:
    """The product service orders of some services, by way of a property's own token or of a portfolio token.

    Mews requires the services in every request. Where there are more than it takes, they are walked one part after
    the other, and page marks begin with the number of the part.
    """

    mews: Mews
    service_ids: Sequence[str]

    async def updated(self, updated: Interval, cursor: str | None) -> AsyncIterator[Page[ProductOrder]]:
        """Walk the orders updated in the interval."""
        parts = [self.service_ids[at : at + _SERVICES] for at in range(0, len(self.service_ids), _SERVICES)]
        first, _, mark = (cursor or "0:").partition(":")
        for number in range(int(first), len(parts)):
            is_last = number + 1 == len(parts)
            async for page in self._walk(parts[number], {"UpdatedUtc": updated.body()}, mark or None):
                onward = f"{number}:{page.cursor}" if page.cursor else None if is_last else f"{number + 1}:"
                yield Page(page.records, page.bad, onward, page.last and is_last)
            mark = ""

    async def linked_to(self, reservation_ids: Sequence[str]) -> AsyncIterator[Page[ProductOrder]]:
        """Walk all orders that are linked to up to 1000 reservations."""
        for at in range(0, len(self.service_ids), _SERVICES):
            some = self.service_ids[at : at + _SERVICES]
            async for page in self._walk(some, {"LinkedReservationIds": list(reservation_ids)}, None):
                yield page

    def _walk(
        self, services: Sequence[str], body: Mapping[str, Any], cursor: str | None
    ) -> AsyncIterator[Page[ProductOrder]]:
        asked = {"ServiceIds": list(services), **body}
        pages = self.mews.pages("productServiceOrders/getAll", asked, "ProductServiceOrders", cursor=cursor)
        return parsed(pages, product_order, "product service order", parent="LinkedReservationId")
