"""Stays that were checked out and read already, so that deliveries can be tested without Mews."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from connector.domain.loyalty import Membership, Program
from connector.domain.stays import OrderItem, Property, Reservation
from connector.jobs import deciding
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import loyalty, stays
from tests.integration.earning.chain import AM, CHAIN_ID, CHECK_OUT, CURRENCIES, NOW


async def check_out(
    chain: Chain, partnership: Partnership, *numbers: str, net: int = 200, first: int = 1, **item: Any
) -> None:
    """Put one stay of ``net`` for each member number on file, and decide them; stays are numbered from ``first``."""
    hotel, program = ("montreal", "AM") if partnership.name == AM else ("wien", "MM")
    stays_ = list(enumerate(numbers, start=first))
    async with chain.database.write() as connection:
        await loyalty.replace_programs(connection, [Program(f"p-{program}", program, program, "", "")], [])
        place = Property(f"e-{hotel}", hotel.title(), hotel, "Europe/Vienna", CURRENCIES[hotel])
        await stays.save_property(connection, place, CHAIN_ID, NOW - timedelta(days=99), [f"s-{hotel}"], NOW)
        await loyalty.save_memberships(connection, [_membership(n, number, program) for n, number in stays_])
        await stays.save_reservations(connection, [_stay(n, hotel) for n, _ in stays_], NOW - timedelta(days=60), NOW)
        await stays.save_items(connection, [_item(n, hotel, net, item) for n, _ in stays_])
    await deciding.decide_all(chain, [partnership])


def _membership(n: int, number: str, program: str) -> Membership:
    return Membership(f"m{n:03}-{program}", f"g{n:03}", f"p-{program}", "Enrolled", is_primary=True, number=number)


def _stay(n: int, hotel: str) -> Reservation:
    return Reservation(
        id=f"r{n:03}-{hotel}",
        number=f"n{n:03}",
        property_id=f"e-{hotel}",
        service_id=f"s-{hotel}",
        state="Processed",
        account_id=f"g{n:03}",
        account_type="Customer",
        scheduled_start=CHECK_OUT - timedelta(days=2),
        scheduled_end=CHECK_OUT,
        created=CHECK_OUT - timedelta(days=20),
        updated=CHECK_OUT,
    )


def _item(n: int, hotel: str, net: int, fields: dict[str, Any]) -> OrderItem:
    tax = "CA-GST" if hotel == "montreal" else "AT-10"
    facts: dict[str, Any] = {
        "type": "SpaceOrder",
        "state": "Closed",
        "currency": CURRENCIES[hotel],
        "net": Decimal(net),
        "gross": Decimal(net) * Decimal("1.1"),
        "updated": CHECK_OUT,
        "taxes": ((tax, Decimal(net) * Decimal("0.1")),),
    }
    return OrderItem(id=f"i{n:03}-{hotel}", reservation_id=f"r{n:03}-{hotel}", **(facts | fields))
