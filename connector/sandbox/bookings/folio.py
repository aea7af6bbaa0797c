"""What a stay is charged: nights, board, city tax, now and then a dinner, a rebate or a fee."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .bills import Billing, bill, billing_of, correction_of, owner_of
from .clock import DAY, stamp
from .directory import BOARD, CITY_TAX, DINNER, price
from .guests import Party
from .identity import identity
from .items import Line, billed, canceled, item_id
from .money import cents
from .properties import RECEPTION
from .stays import CHECKED_IN, Stay

Entry = tuple[str, dict[str, Any]]
KEPT = 4  # of the canceled bookings every fourth keeps its canceled nights


def folio(stay: Stay, party: Party, payers: tuple[str, ...]) -> Iterator[Entry]:
    """Order items, restaurant orders and bills of one booking; ``payers`` are firms that pay for others."""
    if stay.processed:
        yield from _of_stay(stay, party, payers)
    elif stay.booking.status == "No-Show":
        yield from _of_no_show(stay, party, payers)
    elif stay.booking.booking % KEPT == 0:
        for line in _nights(stay):
            yield "OrderItems", canceled(stay, line)


def _of_stay(stay: Stay, party: Party, payers: tuple[str, ...]) -> Iterator[Entry]:
    billing = billing_of(stay, party, payers)
    dinner, rebates = _dinner(stay), _rebates(stay)
    late = [line for line in rebates if billing.closed and line.moment > stay.ended]
    for line in dinner:
        yield "ProductServiceOrders", _order(stay, party, line, billing)
    lines = [*_nights(stay), *_board(stay), *_city_tax(stay), *dinner, *([] if late else rebates)]
    yield from _on_bill(stay, lines, billing)
    if late:
        yield from _on_bill(stay, late, correction_of(billing, late[0].moment))


def _on_bill(stay: Stay, lines: list[Line], billing: Billing) -> Iterator[Entry]:
    for line in lines:
        yield "OrderItems", billed(stay, line, billing)
    if any(line.total for line in lines):
        yield "Bills", bill(stay, billing)


def _of_no_show(stay: Stay, party: Party, payers: tuple[str, ...]) -> Iterator[Entry]:
    """Every other no-show pays a night as a fee."""
    fee = price(stay.place, stay.booking.adr)
    if fee > 0 and stay.draw.random() < 0.5:
        line = Line("CancellationFee", "fee", fee, stay.ended, 1, "Fees", "Additional", created=stay.ended)
        yield from _on_bill(stay, [line], billing_of(stay, party, payers))


def _nights(stay: Stay) -> list[Line]:
    rate, nights = price(stay.place, stay.booking.adr), range(stay.booking.nights)
    return [Line("SpaceOrder", f"night:{night}", rate, stay.night(night)) for night in nights]


def _board(stay: Stay) -> list[Line]:
    booking = stay.booking
    if booking.meal not in BOARD or not booking.nights:
        return []
    unit = price(stay.place, BOARD[booking.meal]) * (booking.adults + booking.children)
    count, moment = booking.nights, stay.night(0)
    return [Line("ProductOrder", "board", unit, moment, count, "Food and beverage", "Product", booking.meal)]


def _city_tax(stay: Stay) -> list[Line]:
    unit = price(stay.place, CITY_TAX)
    count = stay.booking.nights * stay.booking.adults
    return [Line("CityTax", "city tax", unit, stay.night(0), count, "City tax", "Additional", "City tax")]


def _dinner(stay: Stay) -> list[Line]:
    if stay.draw.random() > 0.05 or stay.booking.departure == stay.booking.arrival:
        return []
    nights = (stay.booking.departure - stay.booking.arrival).days
    moment = stay.night(stay.draw.randrange(nights)) + timedelta(hours=5, seconds=stay.draw.randrange(3600))
    unit, count = price(stay.place, DINNER), max(1, stay.booking.adults)
    line = Line("ProductOrder", "dinner", unit, moment, count, "Food and beverage", "Product", "Dinner")
    order = identity("restaurant order", stay.booking.booking)
    return [replace(line, order=order, created=moment)]


def _order(stay: Stay, party: Party, dinner: Line, billing: Billing) -> dict[str, Any]:
    """The restaurant's order that staff linked with the reservation."""
    account_type, account_id = owner_of(stay, party)
    return {
        "AccountType": account_type,
        "AccountId": account_id,
        "Id": dinner.order,
        "Number": f"R{stay.booking.booking}",
        "ServiceId": stay.place.id("service", "Restaurant"),
        "LinkedReservationId": stay.id,
        "BookerId": (party.owner or party.others[0]).id,
        "State": "Processed",
        "Origin": "Connector",
        "Options": dict.fromkeys(CHECKED_IN, False),
        "CreatedUtc": stamp(dinner.moment),
        "UpdatedUtc": stamp(billing.closed or dinner.moment),
        "CreatorProfileId": RECEPTION,
        "UpdaterProfileId": RECEPTION,
        "_EnterpriseId": stay.place.enterprise_id,
    }


def _rebates(stay: Stay) -> list[Line]:
    """Three in a hundred: a part of one night given back; of these every fifth is partly taken back again."""
    rate = price(stay.place, stay.booking.adr)
    if stay.draw.random() > 0.03 or rate <= 0 or not stay.booking.nights:
        return []
    night = f"night:{stay.draw.randrange(stay.booking.nights)}"
    given = -cents(rate * stay.draw.choice((10, 20, 25, 50)) / 100)
    moment = _rebate_moment(stay)
    rebates = [_rebate(stay, "rebate", given, moment, night)]
    if stay.draw.random() < 0.2:
        rebates.append(_rebate(stay, "rebate of rebate", cents(-given / Decimal(2)), moment, "rebate"))
    return rebates


def _rebate(stay: Stay, key: str, value: Decimal, moment: datetime, rebated: str) -> Line:
    return Line("NightRebate", key, value, moment, rebated=item_id(stay, rebated), created=moment)


def _rebate_moment(stay: Stay) -> datetime:
    """Before check-out, but every third some days after it, if that is past already."""
    later = stay.ended + stay.draw.randint(2, 6) * DAY
    in_time = stay.ended - timedelta(minutes=30)
    return later if stay.draw.random() < 0.33 and later < stay.clock.now else in_time
