"""What Mews tells again of guests who were erased: it is left out, or told without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import Hasher
from connector.domain.stays import Bill, OrderItem, Reservation
from connector.store import erased


async def reservations(connection: AsyncConnection, hasher: Hasher, told: Sequence[Reservation]) -> list[Reservation]:
    """Return the reservations of others; who booked one of these and was erased is left out of it."""
    own = await erased.among(connection, hasher, erased.STAY, (each.id for each in told))
    people = {*(each.account_id for each in told), *(each.booker_id for each in told if each.booker_id)}
    gone = await erased.among(connection, hasher, erased.GUEST, people)
    others = gone.without(own.without(told, attrgetter("id")), attrgetter("account_id"))
    return [replace(each, booker_id=None) if each.booker_id in gone.ids else each for each in others]


async def items(
    connection: AsyncConnection, hasher: Hasher, told: Sequence[OrderItem], unreadable: Mapping[str, str]
) -> tuple[list[OrderItem], dict[str, str]]:
    """Return the items of others' stays, those that can be read and those that cannot: (item id → order id)."""
    orders = {*(each.reservation_id for each in told), *unreadable.values()}
    gone = await erased.among(connection, hasher, erased.STAY, orders)
    return gone.without(told, attrgetter("reservation_id")), {
        item: order for item, order in unreadable.items() if order not in gone.ids
    }


async def companions(
    connection: AsyncConnection, hasher: Hasher, told: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return who comes along on which reservation (reservation id, customer id), without those who were erased."""
    gone = await erased.among(connection, hasher, erased.GUEST, (guest for _, guest in told))
    return gone.without(told, lambda each: each[1])


async def bills(connection: AsyncConnection, hasher: Hasher, told: Sequence[Bill]) -> list[Bill]:
    """Return the bills; one of somebody who was erased is nobody's."""
    gone = await erased.among(connection, hasher, erased.GUEST, (each.account_id for each in told))
    return [replace(each, account_id="") if each.account_id in gone.ids else each for each in told]
