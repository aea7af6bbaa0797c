"""Reservations and their order items. They are two streams: it is not documented that a rebate moves the
reservation's own update time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.domain.stays import Bill, OrderItem, Reservation
from connector.mews.client import Mews
from connector.mews.pages import Page, parsed
from connector.mews.payloads import bills
from connector.mews.payloads import stays as payloads
from connector.mews.payloads.companions import companionship
from connector.mews.payloads.records import optional_text
from connector.mews.payloads.sources import Assignment, assignment
from connector.mews.times import Interval

MOST_SOURCED = 100  # reservations in one request for their sources


@dataclass(frozen=True, slots=True)
class Stays:
    """The stay operations, by way of a property's own token or of a portfolio token."""

    mews: Mews

    def reservations(
        self,
        updated: Interval,
        property_of: Callable[[str], str | None],
        *,
        property_ids: Sequence[str] = (),
        cursor: str | None = None,
    ) -> AsyncIterator[Page[Reservation]]:
        """Walk the reservations updated in the interval, of some properties or of all that the token sees.

        ``property_of`` tells the property of a service (see ``Properties.services``): Mews names only that.
        """
        body = {"UpdatedUtc": updated.body(), **_of_properties(property_ids)}
        pages = self.mews.pages("reservations/getAll/2023-06-06", body, "Reservations", cursor=cursor)
        return parsed(pages, partial(payloads.reservation, property_of=property_of), "reservation")

    def order_items(
        self, updated: Interval, *, property_ids: Sequence[str] = (), cursor: str | None = None
    ) -> AsyncIterator[Page[OrderItem]]:
        """Walk the order items updated in the interval, those of other service orders included."""
        return self._items({"UpdatedUtc": updated.body(), **_of_properties(property_ids)}, cursor)

    def order_items_of(self, order_ids: Sequence[str], *, cursor: str | None = None) -> AsyncIterator[Page[OrderItem]]:
        """Walk all order items of up to 1000 reservations or other service orders."""
        return self._items({"ServiceOrderIds": list(order_ids)}, cursor)

    def companions(self, reservation_ids: Sequence[str]) -> AsyncIterator[Page[tuple[str | None, str]]]:
        """Walk who comes along on up to 1000 reservations: (reservation id, customer id)."""
        body = {"ReservationIds": list(reservation_ids), "Extent": {"Customers": False}}
        pages = self.mews.pages("companionships/getAll", body, "Companionships")
        return parsed(pages, companionship, "companionship", parent="ReservationId")

    def sources(self, reservation_ids: Sequence[str]) -> AsyncIterator[Page[Assignment]]:
        """Walk the sources of up to ``MOST_SOURCED`` reservations."""
        body = {"ReservationIds": list(reservation_ids)}
        pages = self.mews.pages("sourceAssignments/getAll/2024-09-20", body, "SourceAssignments")
        return parsed(pages, assignment, "source of a reservation", parent="ReservationId")

    def bills(self, updated: Interval, cursor: str | None) -> AsyncIterator[Page[Bill]]:
        """Walk the bills updated in the interval."""
        return self._bills({"UpdatedUtc": updated.body()}, cursor)

    def bills_of(self, ids: Sequence[str]) -> AsyncIterator[Page[Bill]]:
        """Walk up to 1000 bills. It is not documented that a portfolio token may ask."""
        return self._bills({"BillIds": list(ids)}, None)

    async def in_house(self, account_ids: Sequence[str]) -> set[str]:
        """Return which of up to 1000 accounts own a reservation that has started and not ended.

        A reservation that says no account cannot be told apart: it counts for everybody.
        """
        body = {"AccountIds": list(account_ids), "States": ["Started"]}
        owners: set[str | None] = set()
        pages = self.mews.pages("reservations/getAll/2023-06-06", body, "Reservations")
        async for page in parsed(pages, partial(optional_text, name="AccountId"), "reservation"):
            owners.update(page.records, [None] if page.bad else [])
        return set(account_ids) if None in owners else {each for each in account_ids if each in owners}

    def _bills(self, body: Mapping[str, Any], cursor: str | None) -> AsyncIterator[Page[Bill]]:
        pages = self.mews.pages("bills/getAll", body, "Bills", cursor=cursor)
        return parsed(pages, bills.bill, "bill")

    def _items(self, body: Mapping[str, Any], cursor: str | None) -> AsyncIterator[Page[OrderItem]]:
        pages = self.mews.pages("orderItems/getAll", body, "OrderItems", cursor=cursor)
        return parsed(pages, payloads.order_item, "order item", parent="ServiceOrderId")


def _of_properties(ids: Sequence[str]) -> dict[str, Any]:
    return {"EnterpriseIds": list(ids)} if ids else {}
