"""Which product service orders are linked to which reservations: their items count like the reservation's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import ProductOrder
from connector.jobs.chain import Chain
from connector.jobs.properties import PRODUCT_ORDERS
from connector.jobs.streams import UNREADABLE, Stream, unreadable
from connector.mews.client import Mews
from connector.mews.orders import ProductOrders
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import orders as store
from connector.store import stays, suspense


def streams(chain: Chain, token: Mews, property_of: Mapping[str, str]) -> list[Stream[ProductOrder]]:
    """Return the stream of a token's product service orders; none where it serves no service that is known.

    ``property_of`` tells the property of each service.
    """
    linked = _Linked(chain, token, _services(chain, token, property_of))
    begin = chain.server_now() - chain.history
    return [Stream(PRODUCT_ORDERS, token.table, begin, linked.pages, linked.save)] if linked.services else []


async def read(chain: Chain, token: Mews, reservation_ids: Sequence[str]) -> list[str]:
    """Read and store what is linked to up to 1000 reservations; return the ids of those orders."""
    async with chain.database.read() as connection:
        linked = _Linked(chain, token, _services(chain, token, await stays.services(connection)))
    found: list[str] = []
    async for page in linked.api.linked_to(reservation_ids):
        async with chain.database.write() as connection:
            await linked.save(connection, page.records, page.bad)
            await suspense.open_cases(connection, [unreadable(each) for each in page.bad], chain.clock.now())
        found += [each.id for each in page.records]
    return found


def _services(chain: Chain, token: Mews, property_of: Mapping[str, str]) -> list[str]:
    return sorted(service for service, place in property_of.items() if place in chain.serves[token.table])


@dataclass(frozen=True, slots=True)
class _Linked:
    """How the orders of a token's services are walked and saved."""

    chain: Chain
    token: Mews
    services: Sequence[str]

    @property
    def api(self) -> ProductOrders:
        return ProductOrders(self.token, self.services)

    def pages(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[ProductOrder]]:
        assert updated is not None  # noqa: S101  # the stream begins at a moment
        return self.api.updated(updated, cursor)

    async def save(self, connection: AsyncConnection, orders: list[ProductOrder], _bad: list[Bad]) -> None:
        await store.save(connection, orders)
        ids = [each.id for each in orders]
        now = self.chain.clock.now()
        await suspense.close_cases(connection, "product service order", ids, now, reasons=[UNREADABLE])
